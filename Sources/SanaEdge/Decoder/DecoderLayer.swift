import SanaModel

/// A part of the decoder that is read, run and given back as one, before it is read.
struct DecoderLayer {
    enum Kind: Equatable {
        /// Of a stage, by its place in the configuration.
        case upsampling(stage: Int)
        case block(stage: Int, index: Int)
        /// All stages from this one on, and the pixels.
        case local(stage: Int)
        case output
    }

    let kind: Kind
    /// How the names of its tensors begin.
    let prefixes: [String]
    /// The stage whose last layer this is.
    let endsStage: Int?

    /// All of a decoder's, in their order.
    ///
    /// - Parameter scheme: of the tensor of a name, without the component.
    static func list(
        _ config: DecoderConfig, inBands: Bool, scheme: (String) -> Scheme?
    ) -> [DecoderLayer] {
        let local = inBands ? LocalStages.first(config, scheme: scheme) : nil
        var layers: [DecoderLayer] = []
        for (stage, details) in config.stages.enumerated() where stage < local ?? .max {
            let name = "decoder.up_blocks.\(details.index)"
            let first = details.upsamplesFrom == nil ? 0 : 1
            if first == 1 {
                layers.append(
                    DecoderLayer(
                        kind: .upsampling(stage: stage), prefixes: ["\(name).0."],
                        endsStage: details.blocks == 0 ? stage : nil))
            }
            for block in 0..<details.blocks {
                layers.append(
                    DecoderLayer(
                        kind: .block(stage: stage, index: first + block),
                        prefixes: ["\(name).\(first + block)."],
                        endsStage: block == details.blocks - 1 ? stage : nil))
            }
        }
        let end = ["decoder.norm_out.", "decoder.conv_out."]
        if let local {
            let stages = config.stages[local...].map { "decoder.up_blocks.\($0.index)." }
            layers.append(
                DecoderLayer(kind: .local(stage: local), prefixes: stages + end, endsStage: nil))
        } else {
            layers.append(DecoderLayer(kind: .output, prefixes: end, endsStage: nil))
        }
        return layers
    }

    /// Whether it is a block with attention.
    func hasAttention(_ config: DecoderConfig) -> Bool {
        if case .block(let stage, _) = kind { config.stages[stage].type == .efficientViT } else { false }
    }

    func read(_ config: DecoderConfig, bandRows: Int, loader: WeightLoader) throws -> Decoder.Layer {
        switch kind {
        case .upsampling(let stage):
            return .upsampling(try UpsamplingBlock(config.stages[stage], config, loader: loader))
        case .block(let stage, let index):
            let details = config.stages[stage]
            let name = "decoder.up_blocks.\(details.index).\(index)"
            switch details.type {
            case .residual:
                return .block(
                    .residual(
                        try ResidualBlock(name, activation: .init(details.activation), loader: loader)))
            case .efficientViT:
                return .block(
                    .efficientViT(
                        try EfficientViTBlock(name, stage: details, config: config, loader: loader)))
            }
        case .local(let stage):
            return .local(try LocalStages(config, from: stage, bandRows: bandRows, loader: loader))
        case .output:
            return .output(try DecoderOutput(config, loader: loader))
        }
    }
}

/// The decoder's end on whole images: normalization, activation and the layer that makes pixels.
struct DecoderOutput {
    let norm: RMSNorm
    let activation: Activation
    let out: Decoder.Out

    init(_ config: DecoderConfig, loader: WeightLoader) throws {
        norm = try loader.decoderNorm("decoder.norm_out")
        activation = .init(config.outActivation)
        out =
            config.outUpsamples
            ? .upsampling(
                try UpsamplingBlock(
                    "decoder.conv_out", from: config.outChannels, to: config.imageChannels,
                    interpolates: config.interpolates, shortcut: false, loader: loader))
            : .convolution(try loader.convolution("decoder.conv_out", bias: true))
    }

    /// The image's pixels.
    func callAsFunction(_ image: DecoderImage, compute: Compute) throws -> Matrix {
        let (x, height, width) = (image.x, image.height, image.width)
        switch out {
        case .convolution(let layer):
            if let pixels = PixelConvolution(layer) {
                let picture = Matrix(rows: x.rows, columns: pixels.outputs)
                compute.compute(
                    pixels, rows: 0..<height, of: HeldImage(x, height: height, width: width),
                    normalizedBy: norm, activation, into: picture)
                return picture
            }
            normalize(x, compute)
            return try compute.convolution(x, height: height, width: width, layer)
        case .upsampling(let block):
            normalize(x, compute)
            return try block(image, compute: compute).x
        }
    }

    private func normalize(_ x: Matrix, _ compute: Compute) {
        compute.normalize(x, norm, into: x)
        compute.apply(activation, x)
    }
}
