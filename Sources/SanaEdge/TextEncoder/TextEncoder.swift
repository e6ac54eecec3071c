import SanaModel

/// Gemma-2 (arXiv 2408.00118 §2), the encoder of Sana's prompts: prompt tokens in, one hidden state a token out.
///
/// Attention is causal, so a token's hidden state depends on nothing behind it: only the tokens that exist are run,
/// and padding never is. Softcapping is applied, as transformers' eager attention does.
package final class TextEncoder {
    struct Layer {
        let inputNorm: RMSNorm
        let query: Linear  // (heads · headDimension, width)
        let key: Linear  // (keyValueHeads · headDimension, width)
        let value: Linear  // (keyValueHeads · headDimension, width)
        let output: Linear  // (width, heads · headDimension)
        let postAttentionNorm: RMSNorm
        let preFeedForwardNorm: RMSNorm
        let gate: Linear  // (hidden, width)
        let up: Linear  // (hidden, width)
        let down: Linear  // (width, hidden)
        let postFeedForwardNorm: RMSNorm
        let type: TextEncoderConfig.LayerType
    }

    package let config: TextEncoderConfig
    private let compute: Compute
    private let embedding: EmbeddingTable  // (vocabulary, width)
    private let layers: [Layer]
    private let norm: RMSNorm
    private let activation: Activation

    package init(_ config: TextEncoderConfig, loader: WeightLoader) throws {
        self.config = config
        compute = loader.compute
        embedding = try loader.embedding("embed_tokens.weight")
        let bias = config.attentionBias
        func norm(_ name: String) throws -> RMSNorm {
            RMSNorm(
                weight: try loader.vector("\(name).weight"), bias: nil, epsilon: Float(config.normEpsilon),
                unitOffset: true)
        }
        layers = try config.layerTypes.enumerated().map { index, type in
            let layer = "layers.\(index)"
            return Layer(
                inputNorm: try norm("\(layer).input_layernorm"),
                query: try loader.linear("\(layer).self_attn.q_proj", bias: bias),
                key: try loader.linear("\(layer).self_attn.k_proj", bias: bias),
                value: try loader.linear("\(layer).self_attn.v_proj", bias: bias),
                output: try loader.linear("\(layer).self_attn.o_proj", bias: bias),
                postAttentionNorm: try norm("\(layer).post_attention_layernorm"),
                preFeedForwardNorm: try norm("\(layer).pre_feedforward_layernorm"),
                gate: try loader.linear("\(layer).mlp.gate_proj", bias: false),
                up: try loader.linear("\(layer).mlp.up_proj", bias: false),
                down: try loader.linear("\(layer).mlp.down_proj", bias: false),
                postFeedForwardNorm: try norm("\(layer).post_feedforward_layernorm"),
                type: type)
        }
        self.norm = try norm("norm")
        activation =
            switch config.activation {
            case .geluTanh: .geluTanh
            case .gelu: .gelu
            case .silu: .silu
            }
        try loader.finish()
    }

    /// Hidden states (tokens, width) behind the final normalization.
    ///
    /// `step` is called after each layer with the number of layers done.
    package func encode(_ tokens: [Int32], step: (Int) throws -> Void = { _ in }) throws -> Matrix {
        let count = tokens.count
        let x = try embedding.rows(tokens, scale: Float(config.width).squareRoot())  // (tokens, width)
        let h = Matrix(rows: count, columns: config.width)
        let queries = Matrix(rows: count, columns: config.heads * config.headDimension)
        let keys = Matrix(rows: count, columns: config.keyValueHeads * config.headDimension)
        let values = Matrix(rows: count, columns: config.keyValueHeads * config.headDimension)
        let mixed = Matrix(rows: count, columns: config.heads * config.headDimension)
        let gate = Matrix(rows: count, columns: config.hiddenChannels)
        for (index, layer) in layers.enumerated() {
            normalize(x, layer.inputNorm, into: h)
            try compute.measured("text products") {
                let operand = try compute.operand(
                    h, for: [layer.query.weight, layer.key.weight, layer.value.weight],
                    layer: layer.query.name)
                compute.linear(operand, layer.query, into: queries)
                compute.linear(operand, layer.key, into: keys)
                compute.linear(operand, layer.value, into: values)
            }
            compute.measured("text attention") {
                attend(queries, keys, values, layer.type, into: mixed)
            }
            try compute.measured("text products") { try compute.linear(mixed, layer.output, into: h) }
            normalize(h, layer.postAttentionNorm, residual: x, into: x)

            normalize(x, layer.preFeedForwardNorm, into: h)
            try compute.measured("text products") {
                let hidden = try compute.operand(
                    h, for: [layer.gate.weight, layer.up.weight], layer: layer.gate.name)
                compute.gatedLinear(
                    hidden, gate: layer.gate.weight, up: layer.up.weight, activation, into: gate)
                try compute.linear(gate, layer.down, into: h)
            }
            normalize(h, layer.postFeedForwardNorm, residual: x, into: x)
            try compute.checkFinite(x, layer: "text_encoder.layers.\(index)")
            try step(index + 1)
        }
        normalize(x, norm, into: x)
        return x
    }

    private func normalize(_ x: Matrix, _ norm: RMSNorm, residual: Matrix? = nil, into y: Matrix) {
        compute.measured("text normalization") { compute.normalize(x, norm, residual: residual, into: y) }
    }

    /// Rotary embedding and grouped-query attention; `q` and `k` are rotated in place.
    private func attend(
        _ q: Matrix, _ k: Matrix, _ v: Matrix, _ type: TextEncoderConfig.LayerType, into y: Matrix
    ) {
        let theta = config.ropeTheta
        compute.rotate(
            q, heads: config.heads, headDimension: config.headDimension, theta: theta, firstPosition: 0)
        compute.rotate(
            k, heads: config.keyValueHeads, headDimension: config.headDimension, theta: theta,
            firstPosition: 0)
        compute.attention(
            q: q, k: k, v: v, heads: config.heads, keyValueHeads: config.keyValueHeads,
            headDimension: config.headDimension,
            scale: Float(1 / config.queryPreAttentionScalar.squareRoot()),
            softcap: config.attentionSoftcap.map { Float($0) }, causal: true,
            window: type == .slidingAttention ? config.slidingWindow : nil, into: y)
    }
}
