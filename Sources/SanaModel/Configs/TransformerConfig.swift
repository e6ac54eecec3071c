/// The denoiser: diffusers' `SanaTransformer2DModel`.
public struct TransformerConfig: Sendable, Equatable {
    public var inChannels: Int
    /// Equal to `inChannels`, or twice that where the model also predicts a variance, which sampling drops.
    public var outChannels: Int
    public var heads: Int
    public var headDimension: Int
    public var layers: Int
    public var crossHeads: Int
    public var crossHeadDimension: Int
    public var captionChannels: Int
    public var mlpRatio: Double
    /// Biases on the query, key and value projections of self-attention.
    public var attentionBias: Bool
    /// Latent rows and columns of the size that the model was trained at.
    public var sampleSize: Int
    public var patchSize: Int
    public var normElementwiseAffine: Bool
    public var normEpsilon: Double
    /// Scale of the two-dimensional positional embedding; nil where the model has none.
    public var interpolationScale: Double?
    /// RMS normalization of queries and keys across all heads.
    public var qkNorm: Bool
    /// What the pipeline multiplies timesteps by; few-step pipelines do not.
    public var timestepScale: Double
    /// What guidance is multiplied by before it is embedded beside the timestep; nil where the model has no such
    /// embedding.
    public var guidanceScale: Double?

    /// Width of the residual stream.
    public var width: Int { heads * headDimension }
    /// Width inside cross-attention.
    public var crossWidth: Int { crossHeads * crossHeadDimension }
    /// Channels of Mix-FFN behind its gate.
    public var hiddenChannels: Int { Int(mlpRatio * Double(width)) }
    /// Features of the sinusoidal timestep embedding.
    public static let timestepFeatures = 256
    static let widthCap = 32768

    public init(json: JSON, file: String) throws {
        var fields = try ConfigFields(json, file: file)
        _ = try fields.name(
            "_class_name", default: "SanaTransformer2DModel", supported: ["SanaTransformer2DModel"])
        inChannels = try fields.integer("in_channels", default: 32, in: 1...1024)
        outChannels = try Self.outChannels(&fields, inChannels: inChannels)
        heads = try fields.integer("num_attention_heads", default: 70, in: 1...1024)
        headDimension = try fields.integer("attention_head_dim", default: 32, in: 1...1024)
        layers = try fields.integer("num_layers", default: 20, in: 1...256)
        crossHeads = try fields.integer("num_cross_attention_heads", default: 20, in: 1...1024)
        crossHeadDimension = try fields.integer("cross_attention_head_dim", default: 112, in: 1...1024)
        let crossAttentionDim = try fields.integer(
            "cross_attention_dim", default: 2240, in: 1...Self.widthCap)
        captionChannels = try fields.integer("caption_channels", default: 2304, in: 1...Self.widthCap)
        mlpRatio = try fields.number("mlp_ratio", default: 2.5, in: 0.001...16)
        attentionBias = try fields.flag("attention_bias", default: false)
        sampleSize = try fields.integer("sample_size", default: 32, in: 1...512)
        patchSize = try fields.integer("patch_size", default: 1, in: 1...16)
        normElementwiseAffine = try fields.flag("norm_elementwise_affine", default: false)
        normEpsilon = try fields.number("norm_eps", default: 1e-6, in: 0...1)
        interpolationScale = try fields.optionalNumber("interpolation_scale", in: 1e-3...1e3)
        if let norm = fields.present("qk_norm") {
            guard let name = norm.stringValue else {
                throw fields.wrongType("qk_norm", "a name or null", norm)
            }
            try fields.requireSupported("qk_norm", name, ["rms_norm_across_heads"])
            qkNorm = true
        } else {
            qkNorm = false
        }
        timestepScale = try fields.number("timestep_scale", default: 1, in: 1e-6...1e6)
        let scale = try fields.number("guidance_embeds_scale", default: 0.1, in: -1e6...1e6)
        guidanceScale = try fields.flag("guidance_embeds", default: false) ? scale : nil
        fields.ignore(["_diffusers_version", "_name_or_path", "_use_default_values", "dropout"])
        try fields.requireNeutral("quantization_config", .null)
        try fields.finish()

        func contradiction(_ what: String) -> ConfigError { .contradiction(file: file, what: what) }
        guard width <= Self.widthCap, crossWidth <= Self.widthCap else {
            throw contradiction("the model's width is above \(Self.widthCap)")
        }
        guard (1...4 * Self.widthCap).contains(hiddenChannels) else {
            throw contradiction("the width of Mix-FFN, \(mlpRatio) times \(width), is out of range")
        }
        guard crossAttentionDim == width else {
            throw contradiction(
                "\"cross_attention_dim\" is \(crossAttentionDim) where the model's width is \(width)")
        }
        guard outChannels == inChannels || outChannels == 2 * inChannels else {
            throw contradiction(
                "\"out_channels\" is \(outChannels), expected \(inChannels) or \(2 * inChannels)")
        }
        guard interpolationScale == nil || width.isMultiple(of: 4) else {
            throw contradiction(
                "a positional embedding needs a width that is a multiple of 4, found \(width)")
        }
        guard sampleSize >= patchSize else {
            throw contradiction("\"patch_size\" \(patchSize) is above \"sample_size\" \(sampleSize)")
        }
    }

    /// 32 where the option is absent, as many as come in where it is null or 0.
    private static func outChannels(_ fields: inout ConfigFields, inChannels: Int) throws -> Int {
        guard fields.value("out_channels") != nil else { return 32 }
        let channels = try fields.integer("out_channels", default: 0, in: 0...2048)
        return channels == 0 ? inChannels : channels
    }

    /// The name of the timestep's embedding, which stands elsewhere in a model that embeds guidance too.
    public var timestepEmbedder: String {
        guidanceScale == nil ? "time_embed.emb.timestep_embedder" : "time_embed.timestep_embedder"
    }

    public static let guidanceEmbedder = "time_embed.guidance_embedder"

    /// Every tensor of the checkpoint, in the order in which a run needs them.
    public var tensors: [TensorSpec] {
        let d = width
        var list: [TensorSpec] = []
        func add(_ name: String, _ shape: [Int], _ kind: TensorSpec.Kind) {
            list.append(TensorSpec(.transformer, name, shape, kind))
        }
        func linear(_ name: String, _ out: Int, _ columns: Int, bias: Bool = true) {
            add("\(name).weight", [out, columns], .linear)
            if bias { add("\(name).bias", [out], .vector) }
        }
        linear("caption_projection.linear_1", d, captionChannels)
        linear("caption_projection.linear_2", d, d)
        add("caption_norm.weight", [d], .vector)
        add("patch_embed.proj.weight", [d, inChannels, patchSize, patchSize], .patch)
        add("patch_embed.proj.bias", [d], .vector)
        for embedder in [timestepEmbedder] + (guidanceScale == nil ? [] : [Self.guidanceEmbedder]) {
            linear("\(embedder).linear_1", d, Self.timestepFeatures)
            linear("\(embedder).linear_2", d, d)
        }
        linear("time_embed.linear", 6 * d, d)
        for layer in 0..<layers {
            let block = "transformer_blocks.\(layer)"
            add("\(block).scale_shift_table", [6, d], .vector)
            for projection in ["to_q", "to_k", "to_v"] {
                linear("\(block).attn1.\(projection)", d, d, bias: attentionBias)
            }
            if qkNorm {
                add("\(block).attn1.norm_q.weight", [d], .vector)
                add("\(block).attn1.norm_k.weight", [d], .vector)
            }
            linear("\(block).attn1.to_out.0", d, d)
            linear("\(block).attn2.to_q", crossWidth, d)
            linear("\(block).attn2.to_k", crossWidth, d)
            linear("\(block).attn2.to_v", crossWidth, d)
            if qkNorm {
                add("\(block).attn2.norm_q.weight", [crossWidth], .vector)
                add("\(block).attn2.norm_k.weight", [crossWidth], .vector)
            }
            linear("\(block).attn2.to_out.0", d, crossWidth)
            if normElementwiseAffine {
                add("\(block).norm2.weight", [d], .vector)
                add("\(block).norm2.bias", [d], .vector)
            }
            let hidden = hiddenChannels
            add("\(block).ff.conv_inverted.weight", [2 * hidden, d, 1, 1], .linear)
            add("\(block).ff.conv_inverted.bias", [2 * hidden], .vector)
            add("\(block).ff.conv_depth.weight", [2 * hidden, 1, 3, 3], .depthwise)
            add("\(block).ff.conv_depth.bias", [2 * hidden], .vector)
            add("\(block).ff.conv_point.weight", [d, hidden, 1, 1], .linear)
        }
        add("scale_shift_table", [2, d], .vector)
        linear("proj_out", patchSize * patchSize * outChannels, d)
        return list
    }
}

/// Factors that the channels of a layer's input are multiplied with, where a pack has them; the layer's weights are
/// divided by them.
public struct InputFactors: Sendable {
    /// float32 (width)
    public let spec: TensorSpec
    /// The weight before which they stand, the first that reads the input, by its name in the pack.
    public let weight: String
    /// Whether they are applied as the input is quantized, and so only to int8 activations; else to what normalizes
    /// the input.
    public let isQuantizers: Bool
}

extension TransformerConfig {
    /// The name of a layer's input factors.
    public static func inputFactors(_ layer: String) -> String { "\(layer).input_factors" }

    /// All input factors that a pack may have, in order.
    public var inputFactors: [InputFactors] {
        (0..<layers).flatMap { layer in
            [("attn1", "to_q"), ("attn2", "to_q"), ("ff", "conv_inverted")].map { part, weight in
                let name = "transformer_blocks.\(layer).\(part)"
                return InputFactors(
                    spec: TensorSpec(.transformer, Self.inputFactors(name), [width], .factors),
                    weight: "\(Component.transformer.rawValue).\(name).\(weight).weight",
                    isQuantizers: part == "attn2")
            }
        }
    }
}
