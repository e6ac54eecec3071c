/// The four configurations of a pipeline, checked one by one and against each other.
///
/// A checkpoint's folder and a pack's manifest hold the same JSON objects, so both are read here.
public struct ModelConfigs: Sendable, Equatable {
    public let textEncoder: TextEncoderConfig
    public let transformer: TransformerConfig
    public let decoder: DecoderConfig
    public let scheduler: SchedulerConfig

    /// - Parameter file: what to call a component's configuration in an error, from its folder's name.
    public init(
        textEncoder: JSON, transformer: JSON, decoder: JSON, scheduler: JSON, file: (String) -> String
    ) throws {
        self.textEncoder = try TextEncoderConfig(
            json: textEncoder, file: file(Component.textEncoder.rawValue))
        self.transformer = try TransformerConfig(
            json: transformer, file: file(Component.transformer.rawValue))
        self.decoder = try DecoderConfig(json: decoder, file: file(Component.decoder.rawValue))
        self.scheduler = try SchedulerConfig(json: scheduler, file: file("scheduler"))
        guard self.transformer.captionChannels == self.textEncoder.width else {
            throw ConfigError.contradiction(
                file: file(Component.transformer.rawValue),
                what:
                    "\"caption_channels\" is \(self.transformer.captionChannels) where the text encoder gives "
                    + "\(self.textEncoder.width)")
        }
        guard self.transformer.inChannels == self.decoder.latentChannels else {
            throw ConfigError.contradiction(
                file: file(Component.transformer.rawValue),
                what: "\"in_channels\" is \(self.transformer.inChannels) where the decoder takes "
                    + "\(self.decoder.latentChannels)")
        }
        try checkSampler(file: file)
    }

    /// Whether the model was distilled to a few steps, as Sana-Sprint: guidance is embedded, the negative prompt is
    /// not used, and a pass has one element.
    public var isFewStep: Bool { scheduler.isFewStep }

    /// A few-step model embeds guidance and predicts no variance; any other has no place for guidance.
    private func checkSampler(file: (String) -> String) throws {
        let embeds = transformer.guidanceScale != nil
        guard embeds == isFewStep else {
            throw ConfigError.contradiction(
                file: file(Component.transformer.rawValue),
                what: "\"guidance_embeds\" is \(embeds) where \(scheduler.className) needs \(isFewStep)")
        }
        guard !isFewStep || transformer.outChannels == transformer.inChannels else {
            throw ConfigError.contradiction(
                file: file(Component.transformer.rawValue),
                what: "\"out_channels\" is \(transformer.outChannels) where a few-step model needs "
                    + "\(transformer.inChannels)")
        }
    }

    /// Refuses a tokenizer whose tokens have no row in the text encoder's embedding, and one that makes no token of an
    /// empty prompt: the text encoder would have nothing to read.
    ///
    /// - Parameter file: what to call the tokenizer's source in an error.
    public func check(_ tokenizer: TokenizerTables, file: String) throws {
        guard tokenizer.idCount <= textEncoder.vocabulary else {
            throw ConfigError.contradiction(
                file: file,
                what: "the tokenizer has \(tokenizer.idCount) tokens where the text encoder's vocabulary has "
                    + "\(textEncoder.vocabulary)")
        }
        guard !tokenizer.prefix.isEmpty else {
            throw ConfigError.contradiction(
                file: file, what: "the tokenizer has no token before a text, where the text encoder needs one"
            )
        }
    }

    /// Every tensor that a run needs, in the order in which it needs them.
    public var tensors: [TensorSpec] { textEncoder.tensors + transformer.tensors + decoder.tensors }

    /// The same, with the input factors of these names among them, each before the weight that it belongs to; nil
    /// where a name is not that of factors that the model can have, or stands twice.
    public func tensors(withFactors names: [String]) -> [TensorSpec]? {
        let known = Dictionary(uniqueKeysWithValues: transformer.inputFactors.map { ($0.spec.packName, $0) })
        var before: [String: TensorSpec] = [:]
        for name in names {
            guard let factors = known[name], before[factors.weight] == nil else { return nil }
            before[factors.weight] = factors.spec
        }
        return tensors.flatMap { spec in [before[spec.packName], spec].compactMap(\.self) }
    }

    /// Sides of a picture are multiples of this.
    public var sizeFactor: Int { decoder.factor * transformer.patchSize }

    /// Whether pictures may be drawn at another size than they are asked for; few-step models know the sizes for
    /// 1024 pixels alone.
    public var binsSizes: Bool { !isFewStep || transformer.sampleSize == 32 }

    /// Both sides of the pictures that the model was trained on.
    public var trainedSize: Int { transformer.sampleSize * decoder.factor }
}
