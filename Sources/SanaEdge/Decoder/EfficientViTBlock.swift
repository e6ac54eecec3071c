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
    let convolution: GatedConvolution  // 4 channels hidden
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
        convolution = try loader.gatedConvolution("\(name).conv_out")
        point = try loader.linear("\(name).conv_out.conv_point", bias: false)
        norm = try loader.decoderNorm("\(name).conv_out.norm")
    }

    /// Moves an image through the block, in place.
    func callAsFunction(_ image: DecoderImage, _ scratch: DecoderScratch, compute: Compute) throws {
        try compute.measured("attention") { try attend(image, scratch, compute) }
        try compute.measured("feed-forward") { try feedForward(image, scratch, compute) }
    }

    /// The heads are runs of 3 · headDimension channels of the concatenated queries, keys, values and their scaled
    /// copies; each run holds its own query, key and value.
    private func attend(_ image: DecoderImage, _ scratch: DecoderScratch, _ compute: Compute) throws {
        let x = image.x
        let d = headDimension
        let qkv = try project(image, scratch, compute)
        let layout = HeadLayout(heads: heads * (1 + scales.count), headDimension: d, stride: 3 * d)
        let state = compute.linearAttentionState(
            k: qkv.columns(d..<qkv.columns - d), v: qkv.columns(2 * d..<qkv.columns), layout)
        let mixed = try unsafe compute.operand(
            rows: x.rows, columns: qkv.columns / 3, for: [output.weight],
            floats: scratch.matrix(.mixed, rows: x.rows, columns: qkv.columns / 3), layer: output.name
        ) { rows, target, _ in
            unsafe compute.linearAttentionOutput(
                qkv, rows, state, layout, epsilon: Float(DecoderConfig.attentionEpsilon), into: target)
        }
        compute.linear(
            mixed, output, attentionNorm, addedTo: x,
            products: scratch.matrix(.products, rows: x.rows, columns: x.columns))
    }

    /// Queries, keys and values of all scales: (height · width, 3 inner · (1 + scales))
    private func project(
        _ image: DecoderImage, _ scratch: DecoderScratch, _ compute: Compute
    ) throws -> Matrix {
        let x = image.x
        let inner = heads * headDimension
        let qkv = scratch.matrix(.projections, rows: x.rows, columns: 3 * inner * (1 + scales.count))
        let operand = try compute.operand(
            x, for: [query.weight, key.weight, value.weight], layer: query.name)
        for (index, projection) in [query, key, value].enumerated() {
            compute.linear(operand, projection, into: qkv.columns(index * inner..<(index + 1) * inner))
        }
        for (index, scale) in scales.enumerated() {
            let local = scratch.matrix(.local, rows: x.rows, columns: 3 * inner)
            compute.depthwise(
                qkv.columns(0..<3 * inner), height: image.height, width: image.width, kernel: scale.kernel,
                weight: scale.depthWeight, bias: nil, into: local)
            compute.groupedLinear(
                local, weight: scale.projection, groups: 3 * heads,
                into: qkv.columns((index + 1) * 3 * inner..<(index + 2) * 3 * inner))
        }
        return qkv
    }

    private func feedForward(_ image: DecoderImage, _ scratch: DecoderScratch, _ compute: Compute) throws {
        let x = image.x
        let operand = try compute.operand(x, for: convolution.weights, layer: convolution.value.name)
        let hidden = try compute.gatedConvolution(
            operand, convolution, images: 1, height: image.height, width: image.width, for: point,
            scratch: scratch.gatedConvolution)
        compute.linear(
            hidden, point, norm, addedTo: x,
            products: scratch.matrix(.products, rows: x.rows, columns: x.columns))
    }
}
