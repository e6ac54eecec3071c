import SanaEdge
import SanaModel

/// The transformer in each of CLIP's two encoders (arXiv 2103.00020 §2.4): attention and two linear layers, each
/// behind a normalization of its own and added to what went in.
struct CLIPTower {
    struct Layer {
        let attentionNorm: CLIPNorm
        let query: CLIPLinear  // (width, width)
        let key: CLIPLinear  // (width, width)
        let value: CLIPLinear  // (width, width)
        let output: CLIPLinear  // (width, width)
        let feedForwardNorm: CLIPNorm
        let up: CLIPLinear  // (hidden, width)
        let down: CLIPLinear  // (width, hidden)
    }

    private let config: CLIPConfig.Tower
    private let compute: Compute
    private let layers: [Layer]

    /// - Parameter name: `text_model` or `vision_model`.
    init(_ config: CLIPConfig.Tower, name: String, weights: CLIPWeights, compute: Compute) throws {
        self.config = config
        self.compute = compute
        let (width, hidden) = (config.width, config.hiddenChannels)
        layers = try (0..<config.layers).map { index in
            let layer = "\(name).encoder.layers.\(index)"
            func projection(_ name: String) throws -> CLIPLinear {
                try weights.linear("\(layer).self_attn.\(name)", width, width)
            }
            func norm(_ name: String) throws -> CLIPNorm {
                try weights.norm("\(layer).\(name)", width, epsilon: config.normEpsilon)
            }
            return Layer(
                attentionNorm: try norm("layer_norm1"), query: try projection("q_proj"),
                key: try projection("k_proj"), value: try projection("v_proj"),
                output: try projection("out_proj"), feedForwardNorm: try norm("layer_norm2"),
                up: try weights.linear("\(layer).mlp.fc1", hidden, width),
                down: try weights.linear("\(layer).mlp.fc2", width, hidden))
        }
    }

    /// Runs all layers on `x` (tokens, width), in place.
    ///
    /// - Parameter causal: a token sees itself and those before it only.
    func run(_ x: Matrix, causal: Bool) throws {
        let h = Matrix(rows: x.rows, columns: config.width)
        let (q, k, v) = (h.empty, h.empty, h.empty)
        let hidden = Matrix(rows: x.rows, columns: config.hiddenChannels)
        for layer in layers {
            compute.normalize(x, layer.attentionNorm, into: h)
            for (projection, target) in [(layer.query, q), (layer.key, k), (layer.value, v)] {
                try compute.linear(h, projection, .store(.none), into: target)
            }
            compute.attention(
                q: q, k: k, v: v, heads: config.heads, keyValueHeads: config.heads,
                headDimension: config.headDimension, scale: 1 / Float(config.headDimension).squareRoot(),
                softcap: nil, causal: causal, window: nil, into: h)
            try compute.linear(h, layer.output, .add, into: x)

            compute.normalize(x, layer.feedForwardNorm, into: h)
            try compute.linear(h, layer.up, .store(config.activation.function), into: hidden)
            try compute.linear(hidden, layer.down, .add, into: x)
        }
    }
}

extension Matrix {
    /// New memory of the same shape.
    fileprivate var empty: Matrix { Matrix(rows: rows, columns: columns) }
}

extension CLIPConfig.Activation {
    fileprivate var function: Activation {
        switch self {
        case .quickGelu: .quickGelu
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        case .silu: .silu
        case .relu: .relu
        }
    }
}
