import SanaModel

/// The pictures of a run as they stand before any of them is drawn: prompts in tokens, and what stays in memory.
public struct PreparedRun {
    struct Picture {
        let request: GenerationRequest
        /// The negative one, where there is guidance, then the other.
        let prompts: [PromptInput]
    }

    public let plan: GenerationPlan
    public let memory: MemoryPlan
    let pictures: [Picture]
    let prefix: PromptPrefix?
}

/// A prompt on its way through the text encoder.
struct PromptInput: Hashable {
    let tokens: PromptTokens
    /// How many of its tokens the prefix has.
    let reused: Int

    /// How many of its tokens the text encoder runs.
    var encodedTokens: Int { tokens.tokens.count - reused }

    /// The hidden states that the transformer sees.
    ///
    /// - Parameter states: of the tokens that are run: (encodedTokens, width)
    func selected(of states: Matrix, _ prefix: PromptPrefix?) -> Matrix {
        let selected = Matrix(rows: tokens.selectedRows.count, columns: states.columns)
        for (row, source) in tokens.selectedRows.enumerated() {
            if source >= reused {
                selected.rows(row..<row + 1).copy(states.rows(source - reused..<source - reused + 1))
            } else if let prefix, source == 0 {
                selected.rows(row..<row + 1).copy(Matrix(rows: 1, columns: states.columns, prefix.firstState))
            } else {
                preconditionFailure("row \(source) is neither run nor known")
            }
        }
        return selected
    }
}
