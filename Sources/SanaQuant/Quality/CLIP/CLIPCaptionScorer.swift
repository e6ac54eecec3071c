import SanaEdge
import SanaModel

/// Scores captions of pictures with CLIP.
public struct CLIPCaptionScorer: CaptionScorer {
    private let images: CLIPImageEncoder
    private let texts: CLIPTextEncoder

    private static let pictureLimit = 1 << 30

    /// Reads the weights.
    public init(_ folder: CLIPFolder, compute: Compute) throws {
        images = try CLIPImageEncoder(folder, compute: compute)
        texts = try CLIPTextEncoder(folder, compute: compute)
    }

    /// - Throws: `FileError`, `PNGError`, `CLIPError`, `ActivationError`.
    public func scores(image: String, captions: [String]) throws -> [Double] {
        let picture = try RGBImage(png: readWholeFile(image, limit: Self.pictureLimit), file: image)
        let features = try images.encode(picture)
        return try captions.map { features.score(try texts.encode(Array($0.utf8))) }
    }
}
