/// What a run needs to know besides weights and tokenizer, and where they came from.
///
/// It holds no time and no machine, so that the same input makes the same pack.
public struct Manifest: Sendable, Equatable {
    /// What a run does where the user leaves it open. Sizes in pixels.
    public struct Defaults: Sendable, Equatable {
        public var width: Int
        public var height: Int
        public var steps: Int
        public var guidance: Double
        public var seed: Int

        public init(width: Int, height: Int, steps: Int, guidance: Double, seed: Int) {
            self.width = width
            self.height = height
            self.steps = steps
            self.guidance = guidance
            self.seed = seed
        }
    }

    /// The policy that gave each tensor its scheme.
    public struct AppliedPolicy: Sendable, Equatable {
        public var name: String
        /// Its YAML text, whole.
        public var text: String

        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// A file of the checkpoint that went into the pack.
    public struct Source: Sendable, Equatable {
        /// From the checkpoint's folder.
        public var path: String
        public var size: Int
        /// XXH64 of the whole file.
        public var hash: UInt64

        public init(path: String, size: Int, hash: UInt64) {
            self.path = path
            self.size = size
            self.hash = hash
        }
    }

    /// An adapter that was added to the transformer.
    public struct Adapter: Sendable, Equatable {
        /// Of its file, without its folder.
        public var name: String
        /// The user's, not the adapter's own.
        public var scale: Double
        /// Layers that it changed.
        public var layers: Int
        public var size: Int
        /// XXH64 of the whole file.
        public var hash: UInt64

        public init(name: String, scale: Double, layers: Int, size: Int, hash: UInt64) {
            self.name = name
            self.scale = scale
            self.layers = layers
            self.size = size
            self.hash = hash
        }
    }

    /// The name and version of the tool that wrote the pack.
    public var tool: String
    /// The name of the checkpoint's folder.
    public var modelName: String
    /// The pipeline's class, as in model_index.json.
    public var modelClass: String
    /// The licence's name where the checkpoint names one; its text is the blob `licence`.
    public var licence: String?
    public var policy: AppliedPolicy
    /// The components' and the scheduler's configurations, as in the checkpoint.
    public var components: [Component: JSON]
    public var scheduler: JSON
    public var defaults: Defaults
    public var sources: [Source]
    /// In the order in which they were added.
    public var adapters: [Adapter] = []
    /// Whether the pack has an instruction to go before prompts.
    public var hasInstruction: Bool
    /// Whether measured activations went into the conversion.
    public var isCalibrated: Bool
    /// The instruction's first tokens whose keys and values the pack's prefix cache holds; 0 where it has none.
    public var prefixTokens: Int
    /// The optional tensors that the pack has: factors of layers' inputs, by their names.
    public var inputFactors: [String]

    public init(
        tool: String, modelName: String, modelClass: String, licence: String?, policy: AppliedPolicy,
        components: [Component: JSON], scheduler: JSON, defaults: Defaults, sources: [Source],
        hasInstruction: Bool, isCalibrated: Bool, prefixTokens: Int = 0, inputFactors: [String] = []
    ) {
        self.tool = tool
        self.modelName = modelName
        self.modelClass = modelClass
        self.licence = licence
        self.policy = policy
        self.components = components
        self.scheduler = scheduler
        self.defaults = defaults
        self.sources = sources
        self.hasInstruction = hasInstruction
        self.isCalibrated = isCalibrated
        self.prefixTokens = prefixTokens
        self.inputFactors = inputFactors
    }

    /// The configurations, parsed and held against each other; `path` names the pack in errors.
    public func configs(of path: String) throws -> ModelConfigs {
        func config(_ component: Component) throws(ManifestFault) -> JSON {
            guard let json = components[component] else { throw .missing("components.\(component.rawValue)") }
            return json
        }
        return try ModelConfigs(
            textEncoder: config(.textEncoder), transformer: config(.transformer), decoder: config(.decoder),
            scheduler: scheduler, file: { "\(quoted(path)), manifest, \($0)" })
    }
}
