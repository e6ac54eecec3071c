/// One line of a prompts file, or the prompt of the command line.
struct Prompt: Equatable {
    /// UTF-8.
    var text: [UInt8]
    /// UTF-8; nil where the command line's applies.
    var negative: [UInt8]?
    /// nil where the command line's seed and the prompt's place in the file decide.
    var seed: Int?

    /// Bytes in one prompt. The model reads some 300 tokens; what is longer is no prompt but another file.
    static let lengthLimit = 1 << 16
}
