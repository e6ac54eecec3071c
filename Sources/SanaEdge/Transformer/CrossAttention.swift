import SanaModel

/// Attention of an image's tokens to a prompt's (Sana, arXiv 2410.10629 §2.2). It reads the residual stream as it is,
/// and nothing gates it.
struct CrossAttention {
    let query: Linear  // (crossWidth, width)
    /// The input is the residual stream, which takes no factors before it is quantized.
    let queryFactors: Buffer<Float>?  // (width)
    let queryNorm: RMSNorm?
    let output: Linear  // (width, crossWidth)

    init(_ block: String, _ config: TransformerConfig, loader: WeightLoader) throws {
        query = try loader.linear("\(block).attn2.to_q", bias: true)
        queryFactors = try loader.inputFactors("\(block).attn2")
        queryNorm = try loader.attentionNorm("\(block).attn2.norm_q", config)
        output = try loader.linear("\(block).attn2.to_out.0", bias: true)
    }

    /// x += attention(x) for one element of the batch.
    func callAsFunction(
        _ x: Matrix, _ context: PromptContext.Block, _ scratch: TransformerScratch, _ compute: Compute
    ) throws {
        switch context {
        case .singleToken(let context):
            try compute.measured("cross-attention output") {
                compute.addRow(try context.row { try compute.linear($0, output) }, into: x)
            }
        case .keysValues(let context):
            let q = scratch.crossQueries
            try compute.measured("cross-attention query") {
                try compute.linear(x, factors: queryFactors, query, into: q)
                if let queryNorm { compute.normalize(q, queryNorm, into: q) }
            }
            let mixed = try compute.measured("cross-attention") {
                try compute.attention(
                    q: q, context, for: [output.weight], floats: scratch.crossMixed, layer: output.name)
            }
            compute.measured("cross-attention output") { compute.linear(mixed, output, .add, into: x) }
        }
    }
}

/// The share of cross-attention that depends on the prompt alone and runs once for each.
struct PromptProjection {
    let key: Linear  // (crossWidth, width)
    let value: Linear
    let keyNorm: RMSNorm?
    let config: TransformerConfig

    /// How the names of a block's weights for this begin.
    static func prefixes(_ index: Int) -> [String] {
        ["to_k.", "to_v.", "norm_k."].map { "\(TransformerBlock.prefix(index))attn2.\($0)" }
    }

    init(_ block: String, _ config: TransformerConfig, loader: WeightLoader) throws {
        key = try loader.linear("\(block).attn2.to_k", bias: true)
        value = try loader.linear("\(block).attn2.to_v", bias: true)
        keyNorm = try loader.attentionNorm("\(block).attn2.norm_k", config)
        self.config = config
    }

    /// What a prompt's caption (tokens, width) contributes, whatever the image.
    func callAsFunction(_ caption: Matrix, compute: Compute) throws -> PromptContext.Block {
        let operand = try compute.operand(caption, for: [key.weight, value.weight], layer: key.name)
        let values = Matrix(rows: caption.rows, columns: config.crossWidth)
        compute.linear(operand, value, into: values)
        if caption.rows == 1 { return .singleToken(SingleTokenContext(value: values)) }
        let keys = Matrix(rows: caption.rows, columns: config.crossWidth)
        compute.linear(operand, key, into: keys)
        if let keyNorm { compute.normalize(keys, keyNorm, into: keys) }
        return .keysValues(
            KeysValues(
                k: keys, v: values, heads: config.crossHeads,
                scale: 1 / Float(config.crossHeadDimension).squareRoot()))
    }
}
