/// What one prompt contributes to every pass of the transformer, computed once.
package struct PromptContext {
    /// One block's share of cross-attention.
    enum Block {
        /// Keys and values of the prompt's tokens.
        case keysValues(KeysValues)
        /// A prompt of one token: the softmax over one key is 1, so every picture token receives the same row.
        case singleToken(SingleTokenContext)
    }

    let blocks: [Block]
}

/// The row that a prompt of one token adds to every picture token, computed in the first pass, when the block's output
/// projection is in memory anyway.
final class SingleTokenContext {
    private let value: Matrix  // (1, crossWidth)
    private var known: Buffer<Float>?  // (width)

    init(value: Matrix) {
        self.value = value
    }

    /// - Parameter project: the block's output projection.
    func row(_ project: (Matrix) throws -> Matrix) rethrows -> Buffer<Float> {
        if let known { return known }
        let row = try Buffer(project(value).array)
        known = row
        return row
    }
}
