import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What one scene is called by several captions, some better than others.
public struct CaptionedScene: Sendable, Equatable {
    /// UTF-8, at least one.
    public var captions: [String]
    /// How well each caption fits the scene: 100 times CLIP's cosine. Nil where that is not known yet.
    public var scores: [Double]?
    /// The path of the scene's picture, for scores that are still to be computed.
    public var image: String?

    public init(captions: [String], scores: [Double]? = nil, image: String? = nil) {
        (self.captions, self.scores, self.image) = (captions, scores, image)
    }
}

/// What tells how well captions fit a picture.
public protocol CaptionScorer {
    /// One score for each caption: 100 max(cos, 0) of CLIP's features.
    ///
    /// - Parameter image: the path of a PNG file.
    func scores(image: String, captions: [String]) throws -> [Double]
}

/// Draws one caption for each scene, caption i with probability softmax(score / temperature)ᵢ, as the caption sampler
/// of Sana does (arXiv 2410.10629 §3.3).
public struct CaptionSampler: Sendable {
    public let temperature: Double
    public let seed: UInt64

    /// - Parameter temperature: above 0; the lower, the more often the best caption.
    public init(temperature: Double, seed: UInt64) {
        (self.temperature, self.seed) = (temperature, seed)
    }

    /// One caption for each scene. The same scenes and seed give the same captions.
    ///
    /// - Parameters:
    ///   - scorer: computes what scores are missing.
    ///   - progress: takes the scenes that are done; may throw to stop.
    /// - Throws: `CaptionsError.noScores`, which counts scenes from 0; what the scorer throws.
    public func sample(
        _ scenes: [CaptionedScene], scorer: (any CaptionScorer)? = nil,
        progress: (Int) throws -> Void = { _ in }
    ) throws -> [String] {
        var random = SplitMix64(seed: seed)
        return try scenes.enumerated().map { index, scene in
            try progress(index)
            let place = random.nextUnit()
            if scene.captions.count == 1 { return scene.captions[0] }
            return scene.captions[pick(try scores(scene, index, scorer), at: place)]
        }
    }

    private func scores(_ scene: CaptionedScene, _ index: Int, _ scorer: (any CaptionScorer)?) throws
        -> [Double]
    {
        if let scores = scene.scores { return scores }
        guard let scorer, let image = scene.image else {
            throw CaptionsError.noScores(scene: index, hasImage: scene.image != nil)
        }
        return try scorer.scores(image: image, captions: scene.captions)
    }

    /// The caption whose share of the probabilities, laid end to end, `place` falls into.
    func pick(_ scores: [Double], at place: Double) -> Int {
        let most = scores.max() ?? 0
        let weights = scores.map { exp(($0 - most) / temperature) }
        var rest = place * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.count - 1
    }
}

/// The ways in which captions cannot be read or drawn.
public enum CaptionsError: Failure, Equatable {
    case empty(file: String)
    case line(file: String, line: Int, what: String)
    case noScores(scene: Int, hasImage: Bool)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .empty(let file): "\(quoted(file)) holds no scene: every line is blank or a comment."
        case .line(let file, let line, let what): "\(quoted(file)), line \(line): \(what)."
        case .noScores(let scene, let hasImage):
            """
            Scene \(scene) has several captions and no scores; \(hasImage
                ? "give --clip to compute them" : "give \"scores\", or an \"image\" and --clip to compute them").
            """
        }
    }
}
