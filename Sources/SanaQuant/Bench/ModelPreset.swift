import SanaModel

/// Models to measure, by their published configurations (Sana, arXiv 2410.10629; Gemma-2-2B; DC-AE f32c32).
public enum ModelPreset: String, Sendable, CaseIterable {
    case sana06B = "sana-0.6b"
    case sana16B = "sana-1.6b"
    /// As large as the reference model.
    case reference

    /// Checkpoints' configurations, by the component's folder; what they leave open has the published defaults.
    var configurations: [Component: JSON] {
        switch self {
        case .sana06B: [.textEncoder: Self.gemma, .transformer: Self.transformer06B, .decoder: Self.decoder]
        case .sana16B: [.textEncoder: Self.gemma, .transformer: [:], .decoder: Self.decoder]
        case .reference:
            [
                .textEncoder: Self.referenceTextEncoder, .transformer: Self.referenceTransformer,
                .decoder: Self.referenceDecoder,
            ]
        }
    }

    static let scheduler: JSON = ["prediction_type": "flow_prediction", "use_flow_sigmas": true]

    /// The type of the checkpoint's weights. Text encoders and decoders leave the range of F16.
    func elementType(_ component: Component) -> ElementType { component == .transformer ? .f16 : .bf16 }

    /// A prompt reads the rows of its tokens only, so a few tokens stand for 256000.
    private static let gemma: JSON = ["vocab_size": 512]

    private static let transformer06B: JSON = [
        "num_layers": 28, "num_attention_heads": 36, "num_cross_attention_heads": 16,
        "cross_attention_head_dim": 72, "cross_attention_dim": 1152,
    ]

    private static let decoder = decoder(
        channels: [128, 256, 512, 512, 1024, 1024], blocks: [3, 3, 3, 3, 3, 3], scalingFactor: 0.41407)

    private static let referenceTextEncoder: JSON = [
        "vocab_size": 512, "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 4,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64, "query_pre_attn_scalar": 64,
    ]

    private static let referenceTransformer: JSON = [
        "num_layers": 9, "num_attention_heads": 7, "num_cross_attention_heads": 2,
        "cross_attention_head_dim": 112, "cross_attention_dim": 224, "caption_channels": 256,
        "sample_size": 16,
    ]

    private static let referenceDecoder = decoder(
        channels: [16, 32, 64, 64, 128, 128], blocks: [1, 2, 2, 2, 2, 1], scalingFactor: 1.00105)

    /// Three stages of residual blocks, then, further in, three of multi-scale attention.
    private static func decoder(channels: [Int], blocks: [Int], scalingFactor: Double) -> JSON {
        func integers(_ values: [Int]) -> JSON { .array(values.map { .integer($0) }) }
        return [
            "encoder_block_out_channels": integers(channels),
            "decoder_block_out_channels": integers(channels),
            "decoder_layers_per_block": integers(blocks),
            "decoder_block_types": [
                "ResBlock", "ResBlock", "ResBlock", "EfficientViTBlock", "EfficientViTBlock",
                "EfficientViTBlock",
            ],
            "decoder_qkv_multiscales": [[], [], [], [5], [5], [5]],
            "upsample_block_type": "interpolate", "scaling_factor": .number(scalingFactor),
        ]
    }
}

extension ModelConfigs {
    package init(_ preset: ModelPreset) throws {
        let configurations = preset.configurations
        try self.init(
            textEncoder: configurations[.textEncoder] ?? [:],
            transformer: configurations[.transformer] ?? [:],
            decoder: configurations[.decoder] ?? [:], scheduler: ModelPreset.scheduler,
            file: { "The preset's \($0)" })
    }
}
