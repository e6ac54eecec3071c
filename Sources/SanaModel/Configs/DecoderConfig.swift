/// The decoder half of diffusers' `AutoencoderDC` (DC-AE).
public struct DecoderConfig: Sendable, Equatable {
    public enum BlockType: Sendable, Equatable {
        case residual
        case efficientViT
    }

    public enum BlockActivation: Sendable, Equatable {
        case silu
        case relu
        case gelu
    }

    /// One resolution of the decoder.
    public struct Stage: Sendable, Equatable {
        /// The index in the checkpoint's `up_blocks`.
        public var index: Int
        public var channels: Int
        /// Channels of the stage before, where this one begins with an upsampling block.
        public var upsamplesFrom: Int?
        public var blocks: Int
        public var type: BlockType
        public var activation: BlockActivation
        /// Sizes of the depthwise kernels of multi-scale attention.
        public var scales: [Int]
    }

    public var imageChannels: Int
    public var latentChannels: Int
    public var headDimension: Int
    /// In the order in which a run passes them: smallest picture first.
    public var stages: [Stage]
    public var interpolates: Bool
    public var inShortcut: Bool
    public var outActivation: BlockActivation
    public var scalingFactor: Double

    /// Whether the last convolution also doubles the picture (its own stage has no blocks).
    public var outUpsamples: Bool
    /// Channels that enter the last convolution.
    public var outChannels: Int { stages.last(where: { $0.blocks > 0 })?.channels ?? 0 }
    /// Channels that leave the first convolution.
    public var inChannels: Int { stages.first?.channels ?? 0 }
    /// Pixels a latent row.
    public var factor: Int {
        1 << (stages.filter { $0.upsamplesFrom != nil }.count + (outUpsamples ? 1 : 0))
    }
    public static let normEpsilon = 1e-5
    public static let attentionEpsilon = 1e-15

    /// Heads of the attention at a width.
    public func heads(_ channels: Int) -> Int { channels / headDimension }

    private static let activationNames: [(String, BlockActivation)] = [
        ("silu", .silu), ("swish", .silu), ("relu", .relu), ("gelu", .gelu),
    ]

    private static func activation(_ name: String) -> BlockActivation {
        activationNames.first { $0.0 == name }?.1 ?? .silu
    }

    public init(json: JSON, file: String) throws {
        var fields = try ConfigFields(json, file: file)
        func contradiction(_ what: String) -> ConfigError { .contradiction(file: file, what: what) }
        _ = try fields.name("_class_name", default: "AutoencoderDC", supported: ["AutoencoderDC"])
        imageChannels = try fields.integer("in_channels", default: 3, in: 3...3)
        latentChannels = try fields.integer("latent_channels", default: 32, in: 1...1024)
        headDimension = try fields.integer("attention_head_dim", default: 32, in: 1...1024)
        let channels = try fields.integers("decoder_block_out_channels", in: 1...TransformerConfig.widthCap)
        guard (2...10).contains(channels.count) else {
            throw contradiction(
                "\"decoder_block_out_channels\" has \(channels.count) elements, expected 2 to 10")
        }
        let blocks = try fields.integers("decoder_layers_per_block", count: channels.count, in: 0...64)
        let types = try fields.names(
            "decoder_block_types", count: channels.count, default: "ResBlock",
            supported: ["ResBlock", "EfficientViTBlock"])
        _ = try fields.names(
            "decoder_norm_types", count: channels.count, default: "rms_norm", supported: ["rms_norm"])
        let activations = try fields.names(
            "decoder_act_fns", count: channels.count, default: "silu",
            supported: Self.activationNames.map(\.0))
        let scales = try Self.scales(&fields, count: channels.count)
        interpolates =
            try fields.name(
                "upsample_block_type", default: "pixel_shuffle", supported: ["interpolate", "pixel_shuffle"])
            == "interpolate"
        inShortcut = try fields.flag("decoder_in_shortcut", default: true)
        outActivation = Self.activation(
            try fields.name(
                "decoder_conv_act_fn", default: "relu", supported: Self.activationNames.map(\.0)))
        scalingFactor = try fields.number("scaling_factor", default: 1, in: 1e-6...1e6)
        let encoderStages = try fields.integers(
            "encoder_block_out_channels", in: 1...TransformerConfig.widthCap
        ).count
        fields.ignore([
            "_diffusers_version", "_name_or_path", "downsample_block_type", "encoder_block_types",
            "encoder_layers_per_block", "encoder_out_shortcut", "encoder_qkv_multiscales",
        ])
        try fields.finish()

        stages = []
        outUpsamples = blocks[0] == 0
        for index in channels.indices.reversed() {
            guard blocks[index] > 0 || index == 0 || index == channels.count - 1 else {
                throw contradiction("\"decoder_layers_per_block\" has a stage without blocks in the middle")
            }
            guard blocks[index] > 0 || index > 0 else { continue }
            stages.append(
                Stage(
                    index: index, channels: channels[index],
                    upsamplesFrom: index < channels.count - 1 ? channels[index + 1] : nil,
                    blocks: blocks[index],
                    type: types[index] == "ResBlock" ? .residual : .efficientViT,
                    activation: Self.activation(activations[index]),
                    scales: scales[index]))
        }
        guard stages.contains(where: { $0.blocks > 0 }) else {
            throw contradiction("the decoder has no blocks")
        }
        guard factor == 1 << (encoderStages - 1) else {
            throw contradiction(
                "the decoder enlarges \(factor) times, the encoder shrinks \(1 << (encoderStages - 1)) times")
        }
        guard !inShortcut || inChannels.isMultiple(of: latentChannels) else {
            throw contradiction(
                "\(inChannels) channels are no multiple of the \(latentChannels) latent channels")
        }
        for stage in stages {
            if let from = stage.upsamplesFrom, !(4 * stage.channels).isMultiple(of: from) {
                throw contradiction("upsampling from \(from) to \(stage.channels) channels has no shortcut")
            }
            if stage.type == .efficientViT, stage.channels < headDimension {
                throw contradiction("\(stage.channels) channels are fewer than one head of \(headDimension)")
            }
        }
    }

    private static func scales(_ fields: inout ConfigFields, count: Int) throws -> [[Int]] {
        let key = "decoder_qkv_multiscales"
        guard let json = fields.present(key) else { throw ConfigError.missing(file: fields.file, key: key) }
        let malformed = fields.wrongType(key, "\(count) lists of odd kernel sizes up to 31", json)
        guard let lists = json.arrayValue, lists.count == count else { throw malformed }
        return try lists.map { list in
            guard let sizes = list.arrayValue, sizes.count <= 8 else { throw malformed }
            return try sizes.map { size in
                guard let size = size.intValue, (1...31).contains(size), !size.isMultiple(of: 2) else {
                    throw malformed
                }
                return size
            }
        }
    }

    /// Every tensor of the checkpoint, in the order in which a run needs them.
    public var tensors: [TensorSpec] {
        var list: [TensorSpec] = []
        func add(_ name: String, _ shape: [Int], _ kind: TensorSpec.Kind) {
            list.append(TensorSpec(.decoder, "decoder.\(name)", shape, kind))
        }
        func convolution(_ name: String, from: Int, to: Int, bias: Bool = true, upsamples: Bool = false) {
            add("\(name).weight", [to, from, 3, 3], upsamples ? .upsamplingConvolution : .convolution)
            if bias { add("\(name).bias", [to], .vector) }
        }
        func norm(_ name: String, _ channels: Int) {
            add("\(name).weight", [channels], .vector)
            add("\(name).bias", [channels], .vector)
        }
        func upsampling(_ name: String, from: Int, to: Int) {
            convolution("\(name).conv", from: from, to: interpolates ? to : 4 * to, upsamples: interpolates)
        }
        convolution("conv_in", from: latentChannels, to: inChannels)
        for stage in stages {
            var position = 0
            if let from = stage.upsamplesFrom {
                upsampling("up_blocks.\(stage.index).0", from: from, to: stage.channels)
                position = 1
            }
            let c = stage.channels
            for block in position..<position + stage.blocks {
                let name = "up_blocks.\(stage.index).\(block)"
                switch stage.type {
                case .residual:
                    convolution("\(name).conv1", from: c, to: c)
                    convolution("\(name).conv2", from: c, to: c, bias: false)
                    norm("\(name).norm", c)
                case .efficientViT:
                    let inner = heads(c) * headDimension
                    for projection in ["to_q", "to_k", "to_v"] {
                        add("\(name).attn.\(projection).weight", [inner, c], .linear)
                    }
                    for (index, size) in stage.scales.enumerated() {
                        let scale = "\(name).attn.to_qkv_multiscale.\(index)"
                        add("\(scale).proj_in.weight", [3 * inner, 1, size, size], .depthwise)
                        add("\(scale).proj_out.weight", [3 * inner, headDimension, 1, 1], .grouped)
                    }
                    add("\(name).attn.to_out.weight", [c, inner * (1 + stage.scales.count)], .linear)
                    norm("\(name).attn.norm_out", c)
                    add("\(name).conv_out.conv_inverted.weight", [8 * c, c, 1, 1], .linear)
                    add("\(name).conv_out.conv_inverted.bias", [8 * c], .vector)
                    add("\(name).conv_out.conv_depth.weight", [8 * c, 1, 3, 3], .depthwise)
                    add("\(name).conv_out.conv_depth.bias", [8 * c], .vector)
                    add("\(name).conv_out.conv_point.weight", [c, 4 * c, 1, 1], .linear)
                    norm("\(name).conv_out.norm", c)
                }
            }
        }
        norm("norm_out", outChannels)
        if outUpsamples {
            upsampling("conv_out", from: outChannels, to: imageChannels)
        } else {
            convolution("conv_out", from: outChannels, to: imageChannels)
        }
        return list
    }
}
