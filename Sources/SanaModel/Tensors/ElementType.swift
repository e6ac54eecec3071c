/// How one number is stored, in a checkpoint or in a pack. Little endian.
public enum ElementType: UInt8, Sendable, Hashable, CaseIterable {
    case f32 = 1
    case f16 = 2
    case bf16 = 3
    case i8 = 4

    public var byteCount: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .i8: 1
        }
    }

    /// The name that safetensors files and reports use.
    public var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        case .i8: "I8"
        }
    }
}

/// What a policy gives to a tensor.
public enum Scheme: UInt8, Sendable, Hashable, CaseIterable {
    /// int8 weights per output channel; int8 activations per token, dynamic. Symmetric both.
    case w8a8 = 1
    /// int8 weights per output channel, symmetric; 16-bit activations.
    case w8 = 2
    /// The checkpoint's own 16-bit type; F32 becomes F16 where it fits.
    case f16 = 3
    case f32 = 4

    public var name: String {
        switch self {
        case .w8a8: "w8a8"
        case .w8: "w8"
        case .f16: "f16"
        case .f32: "f32"
        }
    }

    public init?(name: String) {
        guard let scheme = Scheme.allCases.first(where: { $0.name == name }) else { return nil }
        self = scheme
    }

    /// Whether the values are int8 with one scale per row.
    public var isQuantized: Bool { self == .w8a8 || self == .w8 }
}

/// A part of the pipeline with weights, in the order in which a run needs them.
public enum Component: String, Sendable, Hashable, CaseIterable {
    case textEncoder = "text_encoder"
    case transformer
    case decoder = "vae"

    /// The name that people read.
    public var title: String {
        switch self {
        case .textEncoder: "text encoder"
        case .transformer: "transformer"
        case .decoder: "decoder"
        }
    }
}
