import SanaModel

/// Multi-scale linear attention and a gated feed-forward (EfficientViT, arXiv 2205.14756 §3.2, as DC-AE uses it).
struct EfficientViTBlock {
    /// One scale: a depthwise convolution over queries, keys and values, then a projection inside each head.
    struct Scale {
        let kernel: Int
        let depthWeight: Buffer<Float>  // (kernel², 3 inner)
        let projection: Buffer<Float>  // (3 inner, headDimension)
    }

    let name: String
    let heads: Int
    let headDimension: Int
    let query: Linear  // (inner, channels)
    let key: Linear
    let value: Linear
    let scales: [Scale]
    let output: Linear  // (channels, inner · (1 + scales))
    let attentionNorm: RMSNorm
    let inverted: Linear  // (8 channels, channels)
    let depthWeight: Buffer<Float>  // (9, 8 channels)
    let depthBias: Buffer<Float>  // (8 channels)
    let point: Linear  // (channels, 4 channels)
    let norm: RMSNorm

    init(_ name: String, stage: DecoderConfig.Stage, config: DecoderConfig, loader: WeightLoader) throws {
        self.name = name
        heads = config.heads(stage.channels)
        headDimension = config.headDimension
        query = try loader.linear("\(name).attn.to_q", bias: false)
        key = try loader.linear("\(name).attn.to_k", bias: false)
        value = try loader.linear("\(name).attn.to_v", bias: false)
        scales = try stage.scales.enumerated().map { index, kernel in
            let scale = "\(name).attn.to_qkv_multiscale.\(index)"
            return Scale(
                kernel: kernel, depthWeight: try loader.depthwise("\(scale).proj_in.weight"),
                projection: try loader.vector("\(scale).proj_out.weight"))
        }
        output = try loader.linear("\(name).attn.to_out", bias: false)
        attentionNorm = try loader.decoderNorm("\(name).attn.norm_out")
        inverted = try loader.linear("\(name).conv_out.conv_inverted", bias: true)
        depthWeight = try loader.depthwise("\(name).conv_out.conv_depth.weight")
        depthBias = try loader.vector("\(name).conv_out.conv_depth.bias")
        point = try loader.linear("\(name).conv_out.conv_point", bias: false)
        norm = try loader.decoderNorm("\(name).conv_out.norm")
    }

    /// Moves an image through the block, in place.
    func callAsFunction(_ image: inout DecoderImage, compute: Compute) throws {
        let (x, height, width) = (image.x, image.height, image.width)
        image.quantized = nil
        try compute.measured("attention") { try attend(x, height: height, width: width, compute) }
        try compute.measured("feed-forward") { try feedForward(x, height: height, width: width, compute) }
    }

    /// The heads are runs of 3 · headDimension channels of the concatenated queries, keys, values and their scaled
    /// copies; each run holds its own query, key and value.
    private func attend(_ x: Matrix, height: Int, width: Int, _ compute: Compute) throws {
        let inner = heads * headDimension
        let total = 3 * inner * (1 + scales.count)
        let qkv = Matrix(rows: x.rows, columns: total)
        let operand = try compute.operand(
            x, for: [query.weight, key.weight, value.weight], layer: query.name)
        for (index, projection) in [query, key, value].enumerated() {
            compute.linear(operand, projection, into: qkv.columns(index * inner..<(index + 1) * inner))
        }
        if !scales.isEmpty {
            let local = Matrix(rows: x.rows, columns: 3 * inner)
            for (index, scale) in scales.enumerated() {
                compute.depthwise(
                    qkv.columns(0..<3 * inner), height: height, width: width, kernel: scale.kernel,
                    weight: scale.depthWeight, bias: nil, into: local)
                compute.groupedLinear(
                    local, weight: scale.projection, groups: 3 * heads,
                    into: qkv.columns((index + 1) * 3 * inner..<(index + 2) * 3 * inner))
            }
        }
        let d = headDimension
        let mixed = Matrix(rows: x.rows, columns: total / 3)
        compute.linearAttention(
            q: qkv.columns(0..<total - 2 * d), k: qkv.columns(d..<total - d), v: qkv.columns(2 * d..<total),
            heads: heads * (1 + scales.count), headDimension: d, headStride: 3 * d,
            epsilon: Float(DecoderConfig.attentionEpsilon), into: mixed)
        let y = try compute.linear(mixed, output)
        compute.normalize(y, attentionNorm, residual: x, into: x)
    }

    private func feedForward(_ x: Matrix, height: Int, width: Int, _ compute: Compute) throws {
        let expanded = try compute.linear(x, inverted, .silu)  // (height · width, 8 channels)
        let gated = Matrix(rows: x.rows, columns: expanded.columns / 2)
        compute.gatedDepthwise(
            expanded, height: height, width: width, weight: depthWeight, bias: depthBias, into: gated)
        let y = try compute.linear(gated, point)
        compute.normalize(y, norm, residual: x, into: x)
    }
}
