/// The text encoder: transformers' `Gemma2Model`.
public struct TextEncoderConfig: Sendable, Equatable {
    public enum LayerType: Sendable, Equatable {
        case slidingAttention
        case fullAttention
    }

    public enum HiddenActivation: Sendable, Equatable {
        case geluTanh
        case gelu
        case silu
    }

    public var vocabulary: Int
    public var width: Int
    public var hiddenChannels: Int
    public var heads: Int
    public var keyValueHeads: Int
    public var headDimension: Int
    public var activation: HiddenActivation
    public var normEpsilon: Double
    public var ropeTheta: Double
    public var attentionBias: Bool
    /// Attention logits are multiplied by this number to the power -1/2.
    public var queryPreAttentionScalar: Double
    /// Logits become `cap · tanh(logit / cap)`; nil leaves them as they are.
    public var attentionSoftcap: Double?
    /// Keys that a sliding layer sees, itself included.
    public var slidingWindow: Int?
    public var layerTypes: [LayerType]
    public var maximumPositions: Int

    public var layers: Int { layerTypes.count }
    /// Width of keys and of values.
    public var keyValueWidth: Int { keyValueHeads * headDimension }

    /// Bytes of a prefix cache: in float32 the first token's hidden state, then for each layer the keys and the values
    /// of all tokens.
    public func prefixByteCount(tokens: Int) -> Int { 4 * (width + 2 * layers * tokens * keyValueWidth) }

    public init(json: JSON, file: String) throws {
        var fields = try ConfigFields(json, file: file)
        _ = try fields.name("model_type", default: "gemma2", supported: ["gemma2"])
        vocabulary = try fields.integer("vocab_size", default: 256_000, in: 1...2_000_000)
        width = try fields.integer("hidden_size", default: 2304, in: 1...TransformerConfig.widthCap)
        hiddenChannels = try fields.integer("intermediate_size", default: 9216, in: 1...131_072)
        let layers = try fields.integer("num_hidden_layers", default: 26, in: 1...256)
        heads = try fields.integer("num_attention_heads", default: 8, in: 1...1024)
        keyValueHeads = try fields.integer("num_key_value_heads", default: 4, in: 1...1024)
        headDimension = try fields.integer("head_dim", default: 256, in: 2...4096)
        let activations: [(String, HiddenActivation)] = [
            ("gelu_pytorch_tanh", .geluTanh), ("gelu", .gelu), ("silu", .silu),
        ]
        let name = try fields.name(
            "hidden_activation", default: "gelu_pytorch_tanh", supported: activations.map(\.0))
        activation = activations.first { $0.0 == name }?.1 ?? .geluTanh
        normEpsilon = try fields.number("rms_norm_eps", default: 1e-6, in: 0...1)
        attentionBias = try fields.flag("attention_bias", default: false)
        queryPreAttentionScalar = try fields.number("query_pre_attn_scalar", default: 256, in: 1e-6...1e9)
        attentionSoftcap =
            fields.value("attn_logit_softcapping") == nil
            ? 50 : try fields.optionalNumber("attn_logit_softcapping", in: 1e-3...1e6)
        slidingWindow =
            fields.value("sliding_window") == nil
            ? 4096 : try fields.optionalInteger("sliding_window", in: 1...1_000_000_000)
        maximumPositions = try fields.integer("max_position_embeddings", default: 8192, in: 1...100_000_000)
        ropeTheta = try Self.ropeTheta(&fields)
        layerTypes = try Self.layerTypes(&fields, count: layers)
        try fields.requireNeutral("use_bidirectional_attention", .bool(false))
        try fields.requireNeutral("quantization_config", .null)
        // What is listed here belongs to training, to text generation, to the tokenizer's own files or to the program
        // that wrote the file.
        fields.ignore([
            "_attn_implementation_autoset", "_name_or_path", "architectures", "attention_dropout",
            "_attn_implementation", "attn_implementation", "unsloth_version", "unsloth_fixed",
            "output_attentions", "output_hidden_states", "id2label", "label2id", "problem_type",
            "task_specific_params", "finetuning_task", "chunk_size_feed_forward", "torchscript",
            "cache_implementation", "dtype", "torch_dtype", "hidden_act", "initializer_range",
            "final_logit_softcapping", "transformers_version", "use_cache", "tie_word_embeddings",
            "is_decoder", "return_dict", "sliding_window_size", "bos_token_id", "eos_token_id",
            "pad_token_id",
        ])
        try fields.finish()
        guard heads.isMultiple(of: keyValueHeads) else {
            throw ConfigError.contradiction(
                file: file,
                what: "\(heads) attention heads cannot share \(keyValueHeads) key-value heads evenly")
        }
        guard headDimension.isMultiple(of: 2) else {
            throw ConfigError.contradiction(
                file: file, what: "rotary embedding needs an even \"head_dim\", found \(headDimension)")
        }
        guard heads * headDimension <= 4 * TransformerConfig.widthCap else {
            throw ConfigError.contradiction(
                file: file,
                what: "\(heads) heads of \(headDimension) channels are wider than this version runs")
        }
    }

    /// `rope_theta`, or its newer place inside `rope_parameters`.
    private static func ropeTheta(_ fields: inout ConfigFields) throws -> Double {
        try fields.requireNeutral("rope_scaling", .null)
        let range = 1.0...1e12
        let direct = try fields.number("rope_theta", default: 10_000, in: range)
        guard let parameters = fields.present("rope_parameters") else { return direct }
        var nested = try ConfigFields(parameters, file: "\(fields.file) (rope_parameters)")
        _ = try nested.name("rope_type", default: "default", supported: ["default"])
        let theta = try nested.number("rope_theta", default: direct, in: range)
        try nested.finish()
        return theta
    }

    private static func layerTypes(_ fields: inout ConfigFields, count: Int) throws -> [LayerType] {
        guard fields.present("layer_types") != nil else {
            return (0..<count).map { $0.isMultiple(of: 2) ? .slidingAttention : .fullAttention }
        }
        let names = try fields.names(
            "layer_types", count: count, default: "", supported: ["sliding_attention", "full_attention"])
        return names.map { $0 == "sliding_attention" ? .slidingAttention : .fullAttention }
    }

    /// Every tensor of the checkpoint, in the order in which a run needs them.
    public var tensors: [TensorSpec] {
        var list: [TensorSpec] = []
        func add(_ name: String, _ shape: [Int], _ kind: TensorSpec.Kind) {
            list.append(TensorSpec(.textEncoder, name, shape, kind))
        }
        func projection(_ name: String, _ out: Int, _ columns: Int, bias: Bool = false) {
            add("\(name).weight", [out, columns], .linear)
            if bias { add("\(name).bias", [out], .vector) }
        }
        add("embed_tokens.weight", [vocabulary, width], .embedding)
        for index in 0..<layers {
            let layer = "layers.\(index)"
            add("\(layer).input_layernorm.weight", [width], .vector)
            projection("\(layer).self_attn.q_proj", heads * headDimension, width, bias: attentionBias)
            projection("\(layer).self_attn.k_proj", keyValueHeads * headDimension, width, bias: attentionBias)
            projection("\(layer).self_attn.v_proj", keyValueHeads * headDimension, width, bias: attentionBias)
            projection("\(layer).self_attn.o_proj", width, heads * headDimension, bias: attentionBias)
            add("\(layer).post_attention_layernorm.weight", [width], .vector)
            add("\(layer).pre_feedforward_layernorm.weight", [width], .vector)
            projection("\(layer).mlp.gate_proj", hiddenChannels, width)
            projection("\(layer).mlp.up_proj", hiddenChannels, width)
            projection("\(layer).mlp.down_proj", width, hiddenChannels)
            add("\(layer).post_feedforward_layernorm.weight", [width], .vector)
        }
        add("norm.weight", [width], .vector)
        return list
    }
}
