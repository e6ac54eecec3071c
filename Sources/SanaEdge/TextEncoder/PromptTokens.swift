import SanaModel

/// The tokens that the text encoder runs for one prompt, and which of their hidden states the transformer sees.
///
/// The rules are those of diffusers' `SanaPipeline`: the prompt is lower-cased and stripped; the instruction, where
/// there is one, stands in front of it; the whole is cut to the instruction's tokens plus 298; the transformer sees
/// the first row and the rows from the instruction's last token on. Padding has weight exactly zero there and is
/// dropped here.
struct PromptTokens: Sendable, Hashable {
    /// Rows that the transformer sees at most.
    static let rowLimit = 300

    let tokens: [Int32]
    /// Rows of the hidden states, ascending.
    let selectedRows: [Int]

    init(prompt: [UInt8], instruction: [UInt8]?, tokenizer: Tokenizer) throws {
        let text = PromptText.normalized(prompt)
        var limit = Self.rowLimit
        if let instruction {
            limit = try tokenizer.encode(instruction).count + Self.rowLimit - 2
        }
        tokens = Array(try tokenizer.encode((instruction ?? []) + text).prefix(limit))
        selectedRows = [0] + Array((limit - Self.rowLimit + 1)..<max(limit - Self.rowLimit + 1, tokens.count))
    }
}
