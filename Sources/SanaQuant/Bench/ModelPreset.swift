import SanaModel

/// Models to measure, by their published configurations (Sana, arXiv 2410.10629; Sana-1.5, 2501.18427; Sana-Sprint,
/// 2503.09641; Gemma-2-2B; DC-AE f32c32). Without a size in its name a model draws 1024 pixels.
public enum ModelPreset: String, Sendable, CaseIterable {
    case sana06B = "sana-0.6b"
    case sana06B512 = "sana-0.6b-512"
    /// Not published: the small model with the settings of the large one's 2K and 4K pictures.
    case sana06B2K = "sana-0.6b-2k"
    case sana06B4K = "sana-0.6b-4k"
    case sana16B = "sana-1.6b"
    case sana16B512 = "sana-1.6b-512"
    case sana16B2K = "sana-1.6b-2k"
    case sana16B4K = "sana-1.6b-4k"
    case sana15With16B = "sana-1.5-1.6b"
    case sana15With48B = "sana-1.5-4.8b"
    case sprint06B = "sana-sprint-0.6b"
    case sprint16B = "sana-sprint-1.6b"
    /// As large as the reference model.
    case reference

    /// Checkpoints' configurations, by the component's folder; what they leave open has the published defaults.
    var configurations: [Component: JSON] {
        if self == .reference {
            return [
                .textEncoder: Self.referenceTextEncoder, .transformer: Self.referenceTransformer,
                .decoder: Self.referenceDecoder,
            ]
        }
        return [.textEncoder: Self.gemma, .transformer: transformer, .decoder: Self.decoder]
    }

    var scheduler: JSON {
        switch self {
        case .sprint06B, .sprint16B: ["_class_name": "SCMScheduler"]
        case .sana06B4K, .sana16B4K: Self.flowSolver(shift: 6)
        default: Self.flowSolver(shift: 3)
        }
    }

    /// The type of the checkpoint's weights. Text encoders and decoders leave the range of F16.
    func elementType(_ component: Component) -> ElementType {
        guard component == .transformer else { return .bf16 }
        return switch self {
        case .sana06B, .sana06B512, .sana16B, .sana16B512, .reference: .f16
        default: .bf16
        }
    }

    /// What differs from diffusers' defaults, which are those of the 1.6B model for 1024 pixels.
    private var transformer: JSON {
        switch self {
        case .sana06B: .object(Self.width06B)
        case .sana06B512: .object(Self.width06B + ["sample_size": 16])
        case .sana06B2K: .object(Self.width06B + Self.pictures2K)
        case .sana06B4K: .object(Self.width06B + Self.pictures4K)
        case .sana16B512: ["sample_size": 16]
        case .sana16B2K: .object(Self.pictures2K)
        case .sana16B4K: .object(Self.pictures4K)
        case .sana15With16B: .object(Self.normalized)
        case .sana15With48B: .object(Self.normalized + ["num_layers": 60])
        case .sprint06B: .object(Self.width06B + Self.normalized + ["guidance_embeds": true])
        case .sprint16B: .object(Self.normalized + ["guidance_embeds": true])
        case .sana16B, .reference: [:]
        }
    }

    private static let width06B: JSONObject = [
        "num_layers": 28, "num_attention_heads": 36, "num_cross_attention_heads": 16,
        "cross_attention_head_dim": 72, "cross_attention_dim": 1152,
    ]
    private static let normalized: JSONObject = ["qk_norm": "rms_norm_across_heads"]
    private static let pictures2K: JSONObject = ["sample_size": 64, "interpolation_scale": 1]
    private static let pictures4K: JSONObject = ["sample_size": 128, "interpolation_scale": 2]

    private static func flowSolver(shift: Double) -> JSON {
        ["prediction_type": "flow_prediction", "use_flow_sigmas": true, "flow_shift": .number(shift)]
    }

    /// A prompt reads the rows of its tokens only, so a few tokens stand for 256000.
    private static let gemma: JSON = ["vocab_size": 512]

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

extension JSONObject {
    fileprivate static func + (object: JSONObject, changes: JSONObject) -> JSONObject {
        changes.members.reduce(into: object) { $0[$1.key] = $1.value }
    }
}

extension ModelConfigs {
    package init(_ preset: ModelPreset) throws {
        let configurations = preset.configurations
        try self.init(
            textEncoder: configurations[.textEncoder] ?? [:],
            transformer: configurations[.transformer] ?? [:],
            decoder: configurations[.decoder] ?? [:], scheduler: preset.scheduler,
            file: { "The preset's \($0)" })
    }
}
