/// What a Gemma tokenizer is made of: byte-pair encoding over whole texts, spaces as "▁", bytes as the last resort.
///
/// The rules are those of transformers' `GemmaTokenizer`, which takes vocabulary, merges, added tokens and
/// post-processor from the files of a folder and the rest from its own code. Files that ask for other rules are
/// refused.
public struct TokenizerTables: Sendable, Equatable {
    /// The tokens of the vocabulary, then those added tokens that it does not have.
    public let vocabulary: Vocabulary
    /// How many of the tokens belong to the vocabulary that merges work on.
    public let baseCount: Int
    public let merges: MergeTable
    public let addedTokens: [AddedToken]
    /// Ids that stand before each text: the begin-of-sequence token.
    public let prefix: [Int32]
    public let unknown: Int32
    public let beginOfSequence: Int32?
    public let endOfSequence: Int32?
    public let padding: Int32?

    /// The most ids that may stand before a text.
    static let prefixLimit = 8

    /// Ids are those from 0 up to this number: the rows that an embedding must have.
    public var idCount: Int { vocabulary.count }
}
