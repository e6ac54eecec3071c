import SanaModel

/// Half a layer of the text encoder, which is as much of it as is in memory at a time.
enum TextEncoderHalf {
    case attention(TextAttention)
    case feedForward(TextFeedForward)

    /// - Parameter index: counts halves.
    init(_ index: Int, _ config: TextEncoderConfig, loader: WeightLoader) throws {
        let layer = "layers.\(index / 2)"
        self =
            try index.isMultiple(of: 2)
            ? .attention(TextAttention(layer, config.layerTypes[index / 2], config, loader: loader))
            : .feedForward(TextFeedForward(layer, config, loader: loader))
    }

    /// How the names of the half's matrices begin.
    static func prefix(_ index: Int) -> String {
        "layers.\(index / 2).\(index.isMultiple(of: 2) ? "self_attn" : "mlp")."
    }
}

/// Grouped-query attention with rotary embedding, between two normalizations, beside a shortcut.
struct TextAttention {
    let name: String
    let inputNorm: RMSNorm
    let query: Linear  // (heads · headDimension, width)
    let key: Linear  // (keyValueHeads · headDimension, width)
    let value: Linear  // (keyValueHeads · headDimension, width)
    let output: Linear  // (width, heads · headDimension)
    let outputNorm: RMSNorm
    let type: TextEncoderConfig.LayerType
    let config: TextEncoderConfig

    init(
        _ layer: String, _ type: TextEncoderConfig.LayerType, _ config: TextEncoderConfig,
        loader: WeightLoader
    ) throws {
        name = "text_encoder.\(layer)"
        let bias = config.attentionBias
        inputNorm = try loader.textNorm("\(layer).input_layernorm", config)
        query = try loader.linear("\(layer).self_attn.q_proj", bias: bias)
        key = try loader.linear("\(layer).self_attn.k_proj", bias: bias)
        value = try loader.linear("\(layer).self_attn.v_proj", bias: bias)
        output = try loader.linear("\(layer).self_attn.o_proj", bias: bias)
        outputNorm = try loader.textNorm("\(layer).post_attention_layernorm", config)
        self.type = type
        self.config = config
    }

    /// Moves hidden states (tokens, width) through the half, in place.
    ///
    /// - Parameters:
    ///   - prefix: keys and values of the tokens before these.
    ///   - count: how many of the prefix's tokens these stand behind.
    /// - Returns: keys and values of all tokens: (count + tokens, keyValueHeads · headDimension)
    func callAsFunction(
        _ x: Matrix, behind prefix: (keys: Matrix, values: Matrix)?, count: Int,
        _ scratch: TextEncoderScratch, compute: Compute
    ) throws -> (keys: Matrix, values: Matrix) {
        let h = scratch.hidden.rows(0..<x.rows)
        // Whole blocks of queries, counted from the first position on, and as many keys as their last one sees: so a
        // token's numbers depend neither on the tokens behind it nor on whether those before it are run.
        let block = Compute.queryBlock
        let first = count / block * block
        let end = (count + x.rows + block - 1) / block * block
        let (allQueries, allMixed) = (
            scratch.queries.rows(0..<end - first), scratch.mixed.rows(0..<end - first)
        )
        let rows = count - first..<count - first + x.rows
        let (queries, mixed) = (allQueries.rows(rows), allMixed.rows(rows))
        let keys = Matrix(rows: end, columns: config.keyValueWidth)
        let values = Matrix(rows: end, columns: config.keyValueWidth)
        if let prefix {
            keys.rows(0..<count).copy(prefix.keys.rows(0..<count))
            values.rows(0..<count).copy(prefix.values.rows(0..<count))
        }
        let own = count..<count + x.rows
        compute.measured("text normalization") { compute.normalize(x, inputNorm, into: h) }
        try compute.measured("text products") {
            let operand = try compute.operand(
                h, for: [query.weight, key.weight, value.weight], layer: query.name)
            compute.linear(operand, query, into: queries)
            compute.linear(operand, key, into: keys.rows(own))
            compute.linear(operand, value, into: values.rows(own))
        }
        compute.measured("text attention") {
            rotate(queries, heads: config.heads, from: count, compute)
            rotate(keys.rows(own), heads: config.keyValueHeads, from: count, compute)
            attend(allQueries, keys, values, into: allMixed, compute)
        }
        try compute.measured("text products") { try compute.linear(mixed, output, into: h) }
        compute.measured("text normalization") {
            compute.normalize(h, outputNorm, residual: x, into: x)
        }
        return (keys.rows(0..<own.upperBound), values.rows(0..<own.upperBound))
    }

    private func rotate(_ x: Matrix, heads: Int, from position: Int, _ compute: Compute) {
        compute.rotate(
            x, heads: heads, headDimension: config.headDimension, theta: config.ropeTheta,
            firstPosition: position)
    }

    private func attend(_ q: Matrix, _ k: Matrix, _ v: Matrix, into y: Matrix, _ compute: Compute) {
        compute.attention(
            q: q, k: k, v: v, heads: config.heads, keyValueHeads: config.keyValueHeads,
            headDimension: config.headDimension,
            scale: Float(1 / config.queryPreAttentionScalar.squareRoot()),
            softcap: config.attentionSoftcap.map { Float($0) }, causal: true,
            window: type == .slidingAttention ? config.slidingWindow : nil, into: y)
    }
}

/// A gated linear unit between two normalizations, beside a shortcut.
struct TextFeedForward {
    let name: String
    let inputNorm: RMSNorm
    let gate: Linear  // (hidden, width)
    let up: Linear  // (hidden, width)
    let down: Linear  // (width, hidden)
    let outputNorm: RMSNorm
    let activation: Activation

    init(_ layer: String, _ config: TextEncoderConfig, loader: WeightLoader) throws {
        name = "text_encoder.\(layer)"
        inputNorm = try loader.textNorm("\(layer).pre_feedforward_layernorm", config)
        gate = try loader.linear("\(layer).mlp.gate_proj", bias: false)
        up = try loader.linear("\(layer).mlp.up_proj", bias: false)
        down = try loader.linear("\(layer).mlp.down_proj", bias: false)
        outputNorm = try loader.textNorm("\(layer).post_feedforward_layernorm", config)
        activation =
            switch config.activation {
            case .geluTanh: .geluTanh
            case .gelu: .gelu
            case .silu: .silu
            }
    }

    /// Moves hidden states (tokens, width) through the half, in place.
    func callAsFunction(_ x: Matrix, _ scratch: TextEncoderScratch, compute: Compute) throws {
        let h = scratch.hidden.rows(0..<x.rows)
        let hidden = scratch.gate.rows(0..<x.rows)
        compute.measured("text normalization") { compute.normalize(x, inputNorm, into: h) }
        try compute.measured("text products") {
            let operand = try compute.operand(h, for: [gate.weight, up.weight], layer: gate.name)
            compute.gatedLinear(operand, gate: gate.weight, up: up.weight, activation, into: hidden)
            try compute.linear(hidden, down, into: h)
        }
        compute.measured("text normalization") {
            compute.normalize(h, outputNorm, residual: x, into: x)
        }
        try compute.checkFinite(x, layer: name)
    }
}

extension WeightLoader {
    func textNorm(_ name: String, _ config: TextEncoderConfig) throws -> RMSNorm {
        RMSNorm(
            weight: try vector("\(name).weight"), bias: nil, epsilon: Float(config.normEpsilon),
            unitOffset: true)
    }
}
