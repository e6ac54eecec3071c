import SanaModel

/// Gemma-2 (arXiv 2408.00118 §2), the encoder of Sana's prompts: prompt tokens in, one hidden state a token out.
///
/// Attention is causal, so a token's hidden state depends on nothing behind it: only the tokens that exist are run,
/// and padding never is. Softcapping is applied, as transformers' eager attention does.
///
/// A run needs each layer once, whatever the number of its prompts, so it keeps none: each is read, run on all prompts
/// and given back.
package final class TextEncoder {
    package let config: TextEncoderConfig
    private let compute: Compute
    private let embedding: EmbeddingTable  // (vocabulary, width)
    private let layers: LayerSequence<TextEncoderHalf>
    private let norm: RMSNorm

    /// - Parameter kept: how many halves of layers stay in memory; the others are read for each call.
    package init(_ config: TextEncoderConfig, loader: WeightLoader, keeping kept: Int = .max) throws {
        self.config = config
        compute = loader.compute
        embedding = try loader.embedding("embed_tokens.weight")
        layers = try LayerSequence(
            count: 2 * config.layers, keeping: kept, loader: loader,
            names: { TensorNames([TextEncoderHalf.prefix($0)]) },
            { try TextEncoderHalf($0, config, loader: $1) })
        norm = try loader.textNorm("norm", config)
        try loader.finish()
    }

    /// Hidden states (tokens, width) of one prompt behind the final normalization.
    package func encode(_ tokens: [Int32]) throws -> Matrix {
        try encode([TextEncoderInput(tokens)])[0]
    }

    /// Hidden states behind the final normalization, of each input those of its tokens that no prefix has:
    /// (tokens, width).
    ///
    /// - Parameters:
    ///   - prefix: keys and values of tokens that some of the inputs begin with.
    ///   - keep: is told of each layer's keys, behind rotation, and values of the last input: (tokens, key-value width)
    ///   - step: is called after each layer with the number of layers done.
    package func encode(
        _ inputs: [TextEncoderInput], behind prefix: PromptPrefix? = nil,
        keep: (Int, Matrix, Matrix) throws -> Void = { _, _, _ in },
        step: (Int) throws -> Void = { _ in }
    ) throws -> [Matrix] {
        let states = try embedded(inputs)
        let scratch = TextEncoderScratch(config, tokens: states.map(\.rows).max() ?? 0)
        try layers.inTurn { index, half in
            switch half {
            case .attention(let attention):
                let known = try prefix?.keysValues(layer: index / 2)
                for (input, x) in zip(inputs, states) where x.rows > 0 {
                    let (keys, values) = try attention(
                        x, behind: known, count: input.reused, scratch, compute: compute)
                    try keep(index / 2, keys, values)
                }
            case .feedForward(let feedForward):
                for x in states where x.rows > 0 { try feedForward(x, scratch, compute: compute) }
                try step(index / 2 + 1)
            }
        }
        for x in states where x.rows > 0 {
            compute.measured("text normalization") { compute.normalize(x, norm, into: x) }
        }
        return states
    }

    /// The rows of each input's tokens: (tokens, width). Each chunk of the embedding is read once.
    private func embedded(_ inputs: [TextEncoderInput]) throws -> [Matrix] {
        let tokens = inputs.map { $0.tokens[$0.reused...] }
        let rows = try embedding.rows(Array(tokens.joined()), scale: Float(config.width).squareRoot())
        var first = 0
        return tokens.map { tokens in
            defer { first += tokens.count }
            return rows.rows(first..<first + tokens.count)
        }
    }
}

/// Tokens to encode.
package struct TextEncoderInput: Sendable, Hashable {
    package let tokens: [Int32]
    /// How many of them a prefix has, so that they are not run.
    package let reused: Int

    package init(_ tokens: [Int32], reused: Int = 0) {
        (self.tokens, self.reused) = (tokens, reused)
    }
}

/// Activations of the text encoder, for as many tokens as the longest input has.
struct TextEncoderScratch {
    let hidden: Matrix  // (tokens, width)
    let queries: Matrix  // (tokens, heads · headDimension)
    let mixed: Matrix  // (tokens, heads · headDimension)
    let gate: Matrix  // (tokens, hidden channels)

    init(_ config: TextEncoderConfig, tokens: Int) {
        hidden = Matrix(rows: tokens, columns: config.width)
        queries = Matrix(rows: tokens, columns: config.heads * config.headDimension)
        mixed = Matrix(rows: tokens, columns: config.heads * config.headDimension)
        gate = Matrix(rows: tokens, columns: config.hiddenChannels)
    }
}
