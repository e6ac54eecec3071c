import SanaModel

/// A picture that both sides of a comparison have.
public struct QualityPrompt: Sendable, Hashable {
    /// UTF-8.
    public let text: [UInt8]
    /// UTF-8.
    public let negative: [UInt8]
    public let seed: Int

    public init(text: [UInt8], negative: [UInt8] = [], seed: Int) {
        self.text = text
        self.negative = negative
        self.seed = seed
    }

    public var string: String { String(decoding: text, as: UTF8.self) }

    /// For a sentence: whole, in quotation marks, control characters escaped.
    public var quoted: String { JSON.string(string).serialized() }

    /// XXH64 of a list of prompts.
    static func fingerprint(_ prompts: [QualityPrompt]) -> UInt64 {
        var hash = XXH64()
        for prompt in prompts {
            // Lengths keep the texts apart.
            let lengths = "\(prompt.text.count) \(prompt.negative.count) \(prompt.seed) "
            hash.update(Array(lengths.utf8) + prompt.text + prompt.negative)
        }
        return hash.finish()
    }
}

/// What was measured of one prompt.
public struct QualityResult: Sendable, Equatable {
    /// The prompt's number in the whole list, from 0.
    public let index: Int
    public let prompt: QualityPrompt
    public let figures: Figures

    public init(index: Int, prompt: QualityPrompt, figures: Figures) {
        self.index = index
        self.prompt = prompt
        self.figures = figures
    }
}

/// One of several parts of a list of prompts: every `count`-th, from `index` on.
public struct Shard: Sendable, Equatable {
    /// From 1.
    public let index: Int
    public let count: Int

    public static let whole = Shard(index: 1, count: 1)
    public static let limit = 100_000

    /// - Precondition: 1 <= index <= count.
    public init(index: Int, count: Int) {
        precondition((1...count).contains(index))
        self.index = index
        self.count = count
    }

    public func contains(_ prompt: Int) -> Bool { prompt % count == index - 1 }
}
