/// What one prompt contributes to every pass of the transformer, computed once.
package struct PromptContext: Sendable {
    /// One block's share of cross-attention.
    enum Block: Sendable {
        /// Keys and values of the prompt's tokens.
        case keysValues(KeysValues)
        /// A prompt of one token: the softmax over one key is 1, so every picture token receives the same row.
        case constant(Buffer<Float>)  // (width)
    }

    let blocks: [Block]
}
