import SanaModel

/// One block: linear self-attention, cross-attention to the prompt, Mix-FFN (Sana, arXiv 2410.10629 §2.2).
struct TransformerBlock {
    struct SelfAttention {
        let query: Linear  // (width, width)
        let key: Linear
        let value: Linear
        let queryNorm: RMSNorm?
        let keyNorm: RMSNorm?
        let output: Linear  // (width, width)
    }

    struct CrossAttention {
        let query: Linear  // (crossWidth, width)
        let key: Linear
        let value: Linear
        let queryNorm: RMSNorm?
        let keyNorm: RMSNorm?
        let output: Linear  // (width, crossWidth)
    }

    struct FeedForward {
        let normWeight: Buffer<Float>?  // (width)
        let normBias: Buffer<Float>?
        let inverted: Linear  // (2 hidden, width)
        let depthWeight: Buffer<Float>  // (9, 2 hidden)
        let depthBias: Buffer<Float>  // (2 hidden)
        let point: Linear  // (width, hidden)
    }

    let name: String
    let config: TransformerConfig
    let table: Buffer<Float>  // (6, width)
    let selfAttention: SelfAttention
    let crossAttention: CrossAttention
    let feedForward: FeedForward

    init(_ index: Int, _ config: TransformerConfig, loader: WeightLoader) throws {
        let block = "transformer_blocks.\(index)"
        name = "transformer.\(block)"
        self.config = config
        func norm(_ name: String) throws -> RMSNorm? {
            guard config.qkNorm else { return nil }
            return RMSNorm(weight: try loader.vector("\(block).\(name).weight"), bias: nil, epsilon: 1e-5)
        }
        table = try loader.vector("\(block).scale_shift_table")
        selfAttention = SelfAttention(
            query: try loader.linear("\(block).attn1.to_q", bias: config.attentionBias),
            key: try loader.linear("\(block).attn1.to_k", bias: config.attentionBias),
            value: try loader.linear("\(block).attn1.to_v", bias: config.attentionBias),
            queryNorm: try norm("attn1.norm_q"), keyNorm: try norm("attn1.norm_k"),
            output: try loader.linear("\(block).attn1.to_out.0", bias: true))
        crossAttention = CrossAttention(
            query: try loader.linear("\(block).attn2.to_q", bias: true),
            key: try loader.linear("\(block).attn2.to_k", bias: true),
            value: try loader.linear("\(block).attn2.to_v", bias: true),
            queryNorm: try norm("attn2.norm_q"), keyNorm: try norm("attn2.norm_k"),
            output: try loader.linear("\(block).attn2.to_out.0", bias: true))
        let affine = config.normElementwiseAffine
        feedForward = FeedForward(
            normWeight: affine ? try loader.vector("\(block).norm2.weight") : nil,
            normBias: affine ? try loader.vector("\(block).norm2.bias") : nil,
            inverted: try loader.linear("\(block).ff.conv_inverted", bias: true),
            depthWeight: try loader.depthwise("\(block).ff.conv_depth.weight"),
            depthBias: try loader.vector("\(block).ff.conv_depth.bias"),
            point: try loader.linear("\(block).ff.conv_point", bias: false))
    }

    /// Keys and values of a prompt's caption (tokens, width).
    func context(caption: Matrix, compute: Compute) throws -> PromptContext.Block {
        let attention = crossAttention
        let operand = try compute.operand(
            caption, for: [attention.key.weight, attention.value.weight], layer: attention.key.name)
        let values = Matrix(rows: caption.rows, columns: config.crossWidth)
        compute.linear(operand, attention.value, into: values)
        if caption.rows == 1 {
            return .constant(Buffer(try compute.linear(values, attention.output).array))
        }
        let keys = Matrix(rows: caption.rows, columns: config.crossWidth)
        compute.linear(operand, attention.key, into: keys)
        if let norm = attention.keyNorm { compute.normalize(keys, norm, into: keys) }
        return .keysValues(keys: keys, values: values)
    }

    /// Moves `x` (batch · tokens, width) through the block, one element of the batch for each of `contexts`.
    func callAsFunction(
        _ x: Matrix, _ modulation: Modulation, contexts: [PromptContext.Block], scratch: TransformerScratch,
        compute: Compute
    ) throws {
        try attendSelf(x, modulation, scratch, compute)
        for (element, context) in contexts.enumerated() {
            try attendPrompt(x.rows(scratch.rows(element)), context, scratch, compute)
        }
        try feedForward(x, modulation, scratch, compute)
        try compute.checkFinite(x, layer: name)
    }

    private func attendSelf(
        _ x: Matrix, _ modulation: Modulation, _ scratch: TransformerScratch, _ compute: Compute
    ) throws {
        let attention = selfAttention
        let (h, q, k, v) = (scratch.normalized, scratch.queries, scratch.keys, scratch.values)
        compute.layerNorm(
            x, epsilon: Float(config.normEpsilon), weight: nil, bias: nil, scale: modulation.scaleAttention,
            shift: modulation.shiftAttention, into: h)
        let operand = try compute.operand(
            h, for: [attention.query.weight, attention.key.weight, attention.value.weight],
            layer: attention.query.name)
        compute.linear(operand, attention.query, into: q)
        compute.linear(operand, attention.key, into: k)
        compute.linear(operand, attention.value, into: v)
        if let norm = attention.queryNorm { compute.normalize(q, norm, into: q) }
        if let norm = attention.keyNorm { compute.normalize(k, norm, into: k) }
        for element in 0..<scratch.batch {
            let rows = scratch.rows(element)
            compute.linearAttention(
                q: q.rows(rows), k: k.rows(rows), v: v.rows(rows), heads: config.heads,
                headDimension: config.headDimension, headStride: config.headDimension, epsilon: 1e-15,
                into: h.rows(rows))
        }
        try compute.linear(h, attention.output, .addGated(modulation.gateAttention), into: x)
    }

    /// Cross-attention reads the residual stream as it is and is not gated.
    private func attendPrompt(
        _ x: Matrix, _ context: PromptContext.Block, _ scratch: TransformerScratch, _ compute: Compute
    ) throws {
        switch context {
        case .constant(let row):
            compute.addRow(row, into: x)
        case .keysValues(let keys, let values):
            let q = scratch.crossQueries
            try compute.linear(x, crossAttention.query, into: q)
            if let norm = crossAttention.queryNorm { compute.normalize(q, norm, into: q) }
            compute.attention(
                q: q, k: keys, v: values, heads: config.crossHeads, keyValueHeads: config.crossHeads,
                headDimension: config.crossHeadDimension,
                scale: 1 / Float(config.crossHeadDimension).squareRoot(), softcap: nil, causal: false,
                window: nil,
                into: scratch.crossMixed)
            try compute.linear(scratch.crossMixed, crossAttention.output, .add, into: x)
        }
    }

    private func feedForward(
        _ x: Matrix, _ modulation: Modulation, _ scratch: TransformerScratch, _ compute: Compute
    ) throws {
        let ff = feedForward
        compute.layerNorm(
            x, epsilon: Float(config.normEpsilon), weight: ff.normWeight, bias: ff.normBias,
            scale: modulation.scaleFeedForward, shift: modulation.shiftFeedForward, into: scratch.normalized)
        for element in 0..<scratch.batch {
            let rows = scratch.rows(element)
            try compute.linear(
                scratch.normalized.rows(rows), ff.inverted, .store(.silu), into: scratch.expanded)
            compute.gatedDepthwise(
                scratch.expanded, height: scratch.height, width: scratch.width, weight: ff.depthWeight,
                bias: ff.depthBias, into: scratch.gated)
            try compute.linear(
                scratch.gated, ff.point, .addGated(modulation.gateFeedForward), into: x.rows(rows))
        }
    }
}

/// The activations of a pass, reused by every block.
package struct TransformerScratch {
    let batch: Int
    /// Rows and columns of the token grid.
    let height: Int
    let width: Int
    let normalized: Matrix  // (batch · tokens, width)
    let queries: Matrix
    let keys: Matrix
    let values: Matrix
    let crossQueries: Matrix  // (tokens, crossWidth)
    let crossMixed: Matrix
    let expanded: Matrix  // (tokens, 2 hidden)
    let gated: Matrix  // (tokens, hidden)

    init(_ config: TransformerConfig, batch: Int, height: Int, width: Int) {
        self.batch = batch
        self.height = height
        self.width = width
        let tokens = height * width
        normalized = Matrix(rows: batch * tokens, columns: config.width)
        queries = Matrix(rows: batch * tokens, columns: config.width)
        keys = Matrix(rows: batch * tokens, columns: config.width)
        values = Matrix(rows: batch * tokens, columns: config.width)
        crossQueries = Matrix(rows: tokens, columns: config.crossWidth)
        crossMixed = Matrix(rows: tokens, columns: config.crossWidth)
        expanded = Matrix(rows: tokens, columns: 2 * config.hiddenChannels)
        gated = Matrix(rows: tokens, columns: config.hiddenChannels)
    }

    func rows(_ element: Int) -> Range<Int> { element * height * width..<(element + 1) * height * width }
}
