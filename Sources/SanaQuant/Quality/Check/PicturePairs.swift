import SanaEdge
import SanaModel

/// The two pictures of a prompt.
public struct PicturePair: Sendable {
    public let reference: RGBImage
    public let candidate: RGBImage
}

/// Where the pictures of both sides come from.
public protocol PicturePairs {
    /// What a report says of the two sides and of how the pictures were made.
    var candidate: JSON { get }
    var reference: JSON { get }
    var settings: JSON { get }
    /// What the pictures depend on, besides the prompts.
    var fingerprints: (candidate: UInt64, reference: UInt64) { get }

    /// The pictures of some prompts, in their order.
    ///
    /// `progress` takes the share that is done, 0 to 1, and may throw to stop.
    func pictures(
        _ prompts: [(index: Int, prompt: QualityPrompt)], progress: (Double) throws -> Void
    ) throws -> [PicturePair]
}
