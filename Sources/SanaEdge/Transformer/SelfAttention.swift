import SanaModel

/// ReLU linear attention among an image's tokens, gated into the residual stream (Sana, arXiv 2410.10629 §3.2).
struct SelfAttention {
    let query: Linear  // (width, width)
    let key: Linear
    let value: Linear
    let queryNorm: RMSNorm?
    let keyNorm: RMSNorm?
    let output: Linear  // (width, width)
    let layout: HeadLayout
    let epsilon: Float

    init(_ block: String, _ config: TransformerConfig, loader: WeightLoader) throws {
        query = try loader.linear("\(block).attn1.to_q", bias: config.attentionBias)
        key = try loader.linear("\(block).attn1.to_k", bias: config.attentionBias)
        value = try loader.linear("\(block).attn1.to_v", bias: config.attentionBias)
        queryNorm = try loader.attentionNorm("\(block).attn1.norm_q", config)
        keyNorm = try loader.attentionNorm("\(block).attn1.norm_k", config)
        output = try loader.linear("\(block).attn1.to_out.0", bias: true)
        layout = HeadLayout(
            heads: config.heads, headDimension: config.headDimension, stride: config.headDimension)
        epsilon = Float(config.normEpsilon)
    }

    /// x += gate ⊙ attention(norm(x) · (1 + scale) + shift) for x (images · tokens, width).
    func callAsFunction(
        _ x: Matrix, _ modulation: Modulation, _ scratch: TransformerScratch, _ compute: Compute
    ) throws {
        let operand = try compute.measured("normalization") {
            try compute.layerNormOperand(
                x, epsilon: epsilon, weight: nil, bias: nil, scale: modulation.scaleAttention,
                shift: modulation.shiftAttention, for: [query, key, value],
                floats: scratch.normalized.rows(0..<x.rows))
        }
        let states = compute.measured("self-attention") { imageStates(operand, scratch, compute) }
        let q = scratch.queries.rows(0..<x.rows)
        compute.measured("self-attention") {
            compute.linear(operand, query, into: q)
            if let queryNorm { compute.normalize(q, queryNorm, into: q) }
        }
        let grid = scratch.grid
        let mixed = try compute.measured("linear attention") {
            try unsafe compute.operand(
                rows: x.rows, columns: q.columns, for: [output.weight],
                floats: scratch.mixed.rows(0..<x.rows), layer: output.name
            ) { rows, target, _ in
                for (element, part) in grid.elements(of: rows) {
                    let target = unsafe RowTarget(
                        base: target.base + (part.lowerBound - rows.lowerBound) * target.stride,
                        stride: target.stride)
                    unsafe compute.linearAttentionOutput(
                        q, part, states[element], layout, epsilon: 1e-15, into: target)
                }
            }
        }
        compute.measured("self-attention output") {
            compute.linear(mixed, output, .addGated(modulation.gateAttention), into: x)
        }
    }

    /// One state for each image.
    private func imageStates(
        _ x: Operand, _ scratch: TransformerScratch, _ compute: Compute
    ) -> [LinearAttentionState] {
        let images = x.rows / scratch.grid.tokens
        if keyNorm == nil, key.weight.scheme == .w8a8, value.weight.scheme == .w8a8 {
            return compute.linearAttentionStates(
                projecting: x, images: images, key: key, value: value, layout)
        }
        let (k, v) = (scratch.keys.rows(0..<x.rows), scratch.values.rows(0..<x.rows))
        compute.linear(x, key, into: k)
        compute.linear(x, value, into: v)
        if let keyNorm { compute.normalize(k, keyNorm, into: k) }
        return (0..<images).map { image in
            let rows = scratch.grid.rows(image)
            return compute.linearAttentionState(k: k.rows(rows), v: v.rows(rows), layout)
        }
    }
}
