import SanaModel

/// What every picture of a run shares. What is nil is taken from the pack.
public struct GenerationSettings: Sendable {
    /// Size of the picture in pixels.
    public var width: Int?
    public var height: Int?
    /// Whether to draw at the nearest size that the model was trained on, then resize and crop.
    public var binning: Bool?
    /// Steps of the solver.
    public var steps: Int?
    /// Strength of classifier-free guidance; at 1 and below there is none.
    public var guidance: Double?

    public init(
        width: Int? = nil, height: Int? = nil, binning: Bool? = nil, steps: Int? = nil,
        guidance: Double? = nil
    ) {
        self.width = width
        self.height = height
        self.binning = binning
        self.steps = steps
        self.guidance = guidance
    }
}

/// One picture to make.
public struct GenerationRequest: Sendable {
    /// UTF-8.
    public var prompt: [UInt8]
    /// UTF-8.
    public var negativePrompt: [UInt8]
    /// The seed of the noise; the same noise as torch's CPU generator draws.
    public var seed: UInt64
    /// The noise to start from, in place of the seed's.
    public var latents: Latents?

    public init(prompt: [UInt8], negativePrompt: [UInt8] = [], seed: UInt64 = 0, latents: Latents? = nil) {
        self.prompt = prompt
        self.negativePrompt = negativePrompt
        self.seed = seed
        self.latents = latents
    }
}

/// Latents (channels, height, width), as torch lays them out.
public struct Latents: Sendable, Equatable {
    public let channels: Int
    public let height: Int
    public let width: Int
    public let values: [Float]

    /// - Precondition: `values` holds `channels * height * width` numbers.
    public init(channels: Int, height: Int, width: Int, values: [Float]) {
        precondition(values.count == channels * height * width)
        self.channels = channels
        self.height = height
        self.width = width
        self.values = values
    }
}

/// How a picture came about.
public struct GeneratedPicture: Sendable {
    /// The noise that it started from.
    public let noise: Latents
    /// Seconds of each step of the solver.
    public let stepSeconds: [Double]
}

/// What a run hands over of a picture.
public enum PicturePart: Sendable {
    /// The next rows of 8-bit RGB pixels, whole ones, from the top down.
    case rows([UInt8])
    /// All rows are there.
    case end(GeneratedPicture)
}

/// A whole picture and how it came about.
public struct GeneratedImage: Sendable {
    public let image: RGBImage
    /// The noise that it started from.
    public let noise: Latents
    /// Seconds of each step of the solver.
    public let stepSeconds: [Double]
}

/// Seconds that a run spent in each of its stages, all pictures together.
public struct StageSeconds: Sendable {
    public var load = 0.0
    public var text = 0.0
    public var denoise = 0.0
    public var decode = 0.0
    public var total: Double { load + text + denoise + decode }

    public init() {}
}

/// Where a run stands.
public struct GenerationProgress: Sendable {
    public enum Stage: String, Sendable {
        case text
        case denoise
        case decode
    }

    public let stage: Stage
    /// The picture's index in the run.
    public let picture: Int
    /// Parts of the stage that are done, and parts in all, for this picture.
    public let done: Int
    public let count: Int

    package init(stage: Stage, picture: Int, done: Int, count: Int) {
        self.stage = stage
        self.picture = picture
        self.done = done
        self.count = count
    }
}

/// A request that cannot be met.
public enum GenerationError: Failure, Equatable {
    case size(side: String, found: Int, limit: Int)
    case sizeFactor(width: Int, height: Int, factor: Int)
    case noBinning(sampleSize: Int)
    case steps(found: Int, limit: Int)
    case guidance(found: String)
    case latents(expected: [Int], found: [Int])
    case latentsNotFinite
    case memory(stage: String, needed: Int, available: Int)
    case memoryLimit(stage: String, smallest: Int, limit: Int)
    case addresses(stage: String, needed: Int, left: Int, threads: Int)

    public var exitCode: ExitCode {
        switch self {
        case .latents, .latentsNotFinite: .badInput
        default: .usage
        }
    }

    public var description: String {
        switch self {
        case .size(let side, let found, let limit):
            "The picture's \(side) is \(found) pixels, expected 1 to \(limit)."
        case .sizeFactor(let width, let height, let factor):
            "A picture of \(width)x\(height) pixels cannot be drawn without binning: width and height must be "
                + "multiples of \(factor)."
        case .noBinning(let sampleSize):
            "This model has no table of sizes for binning (its sample size is \(sampleSize)); use --no-binning."
        case .steps(let found, let limit):
            "The number of steps is \(found), expected 1 to \(limit)."
        case .guidance(let found):
            "The guidance is \(found), expected a finite number from 0 to 1000."
        case .latents(let expected, let found):
            "The latents have shape \(found), expected \(expected)."
        case .latentsNotFinite:
            "The latents hold a number that is not finite."
        case .memory(let stage, let needed, let available):
            """
            The \(stage) needs at least \(megabytes(needed)) of memory at this size, and \(megabytes(available)) may \
            be used; free some, or draw a smaller picture.
            """
        case .memoryLimit(let stage, let smallest, let limit):
            """
            The \(stage) does not fit the memory limit of \(megabytes(limit)); the smallest that this picture can be \
            drawn with is \(megabytes(smallest)).
            """
        case .addresses(let stage, let needed, let left, let threads):
            """
            The \(stage) needs at least \(megabytes(needed)) of memory at this size, and the limit on addresses (ulimit \
            -v) leaves \(megabytes(left)) beside \(threads) \(threads == 1 ? "thread" : "threads"); raise it, or use \
            fewer threads.
            """
        }
    }
}

/// Powers of ten, as the limit is given.
private func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000)M" }
