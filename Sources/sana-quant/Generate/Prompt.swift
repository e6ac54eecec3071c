/// One line of a prompts file, or the prompt of the command line.
struct Prompt: Equatable {
    /// UTF-8.
    var text: [UInt8]
    /// UTF-8; nil where the command line's applies.
    var negative: [UInt8]?
    /// nil where the command line's seed and the prompt's place in the file decide.
    var seed: Int?

    /// The seed of a picture of this prompt.
    ///
    /// - Parameters:
    ///   - line: the prompt's number among all.
    ///   - copy: the picture's number among those of the prompt.
    ///   - first: the seed of the first prompt, unless it names its own.
    func seed(line: Int, copy: Int, first: Int) throws(UsageError) -> Int {
        let start = seed ?? first
        let offset = seed == nil ? line + copy : copy
        let (sum, isTooLarge) = start.addingReportingOverflow(offset)
        guard !isTooLarge else { throw UsageError("The seed \(start) plus \(offset) is above \(Int.max).") }
        return sum
    }

    /// Bytes in one prompt. The model reads some 300 tokens; what is longer is no prompt but another file.
    static let lengthLimit = 1 << 16
}
