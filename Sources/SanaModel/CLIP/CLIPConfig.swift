/// The configuration of a CLIP model (arXiv 2103.00020), as transformers' `CLIPModel` reads it from `config.json`:
/// what the file leaves out has the defaults of `CLIPConfig`.
public struct CLIPConfig: Sendable, Equatable {
    /// What the two encoders have in common: a transformer with normalization in front of each half.
    public struct Tower: Sendable, Equatable {
        public let width: Int
        public let hiddenChannels: Int
        public let layers: Int
        public let heads: Int
        public let normEpsilon: Double
        public let activation: Activation

        public var headDimension: Int { width / heads }
    }

    public enum Activation: Sendable, Equatable {
        case quickGelu
        case gelu
        case geluTanh
        case silu
        case relu
    }

    /// Which token's hidden state stands for the text.
    public enum TextEnd: Sendable, Equatable {
        /// The first token with the largest id: what transformers keeps doing for configurations that name token 2 as
        /// the end, as the oldest do.
        case largestID
        /// The first token with this id; the first of all where there is none.
        case token(Int32)
    }

    public let text: Tower
    /// Rows of the token embedding.
    public let vocabularySize: Int
    /// Tokens that a text may have.
    public let positions: Int
    public let textEnd: TextEnd

    public let vision: Tower
    /// Side of the square picture, in pixels.
    public let imageSize: Int
    /// Side of a square patch, in pixels.
    public let patchSize: Int

    /// Width of the features.
    public let projection: Int

    /// Patches along one side.
    public var patches: Int { imageSize / patchSize }

    static let projectionLimit = 1 << 14
    static let positionLimit = 1 << 12
    static let sideLimit = 2048
    static let patchLimit = 1 << 14

    /// - Parameter file: the file's name, for messages.
    /// - Throws: `ConfigError`.
    public init(_ json: JSON, file: String) throws {
        var fields = try ConfigFields(json, file: file)
        if fields.present("model_type") != nil { _ = try fields.name("model_type", supported: ["clip"]) }
        projection = try fields.integer("projection_dim", default: 512, in: 1...Self.projectionLimit)

        var text = try Self.section("text", &fields)
        self.text = try Tower(&text, width: 512, hiddenChannels: 2048, heads: 8)
        vocabularySize = try text.integer("vocab_size", default: 49408, in: 1...Vocabulary.tokenLimit)
        positions = try text.integer("max_position_embeddings", default: 77, in: 2...Self.positionLimit)
        let end = try text.integer("eos_token_id", default: 49407, in: 0...Vocabulary.tokenLimit)
        textEnd = end == 2 ? .largestID : .token(Int32(end))

        var vision = try Self.section("vision", &fields)
        self.vision = try Tower(&vision, width: 768, hiddenChannels: 3072, heads: 12)
        _ = try vision.integer("num_channels", default: 3, in: 3...3)
        imageSize = try vision.integer("image_size", default: 224, in: 1...Self.sideLimit)
        patchSize = try vision.integer("patch_size", default: 32, in: 1...imageSize)
        guard patches * patches <= Self.patchLimit else {
            throw ConfigError.contradiction(
                file: vision.file,
                what:
                    "a picture of \(imageSize) pixels has \(patches * patches) patches of \(patchSize) pixels, and at "
                    + "most \(Self.patchLimit) are supported")
        }
    }

    /// `text_config` or `vision_config`; its older name with `_dict`, where present, stands in its place.
    private static func section(_ name: String, _ fields: inout ConfigFields) throws -> ConfigFields {
        let file = "\(fields.file), \(name)_config"
        let json = fields.present("\(name)_config_dict") ?? fields.present("\(name)_config")
        return try ConfigFields(json ?? .object(JSONObject()), file: file)
    }
}

extension CLIPConfig.Tower {
    fileprivate init(_ fields: inout ConfigFields, width: Int, hiddenChannels: Int, heads: Int) throws {
        self.width = try fields.integer("hidden_size", default: width, in: 1...16384)
        self.hiddenChannels = try fields.integer(
            "intermediate_size", default: hiddenChannels, in: 1...65536)
        layers = try fields.integer("num_hidden_layers", default: 12, in: 1...256)
        self.heads = try fields.integer("num_attention_heads", default: heads, in: 1...256)
        normEpsilon = try fields.number("layer_norm_eps", default: 1e-5, in: 0...1)
        let name = try fields.name(
            "hidden_act", default: "quick_gelu", supported: activations.map(\.name))
        activation = activations.first { ByteString($0.name) == ByteString(name) }?.activation ?? .quickGelu
        guard self.width.isMultiple(of: self.heads) else {
            throw ConfigError.contradiction(
                file: fields.file, what: "\(self.width) channels cannot be shared out to \(self.heads) heads")
        }
    }
}

/// transformers' names.
private let activations: [(name: String, activation: CLIPConfig.Activation)] = [
    ("quick_gelu", .quickGelu), ("gelu", .gelu), ("gelu_python", .gelu), ("gelu_new", .geluTanh),
    ("gelu_pytorch_tanh", .geluTanh), ("gelu_fast", .geluTanh), ("silu", .silu), ("swish", .silu),
    ("relu", .relu),
]
