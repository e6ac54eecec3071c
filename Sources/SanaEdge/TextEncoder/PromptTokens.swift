import SanaModel

/// The tokens that the text encoder runs for one prompt, and which of their hidden states the transformer sees.
///
/// The rules are those of diffusers' `SanaPipeline`: the prompt is lower-cased and stripped; the instruction, where
/// there is one, stands in front of it; the whole is cut to the instruction's tokens plus 298; the transformer sees
/// the first row and the rows from the instruction's last token on. Padding has weight exactly zero there and is
/// dropped here.
package struct PromptTokens: Sendable, Hashable {
    /// Rows that the transformer sees at most.
    static let rowLimit = 300

    package let tokens: [Int32]
    /// Rows of the hidden states, ascending.
    package let selectedRows: [Int]

    package init(prompt: [UInt8], instruction: [UInt8]?, tokenizer: Tokenizer) throws {
        let text = Array(PromptText.normalized(String(decoding: prompt, as: UTF8.self)).utf8)
        var limit = Self.rowLimit
        if let instruction {
            limit = try tokenizer.encode(instruction).count + Self.rowLimit - 2
        }
        tokens = try tokenizer.encode((instruction ?? []) + text, limit: limit)
        selectedRows = [0] + Array((limit - Self.rowLimit + 1)..<max(limit - Self.rowLimit + 1, tokens.count))
    }
}
