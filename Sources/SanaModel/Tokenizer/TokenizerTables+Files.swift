extension TokenizerTables {
    private static let configurationLimit = 1 << 22

    /// Reads the tokenizer of a checkpoint: `tokenizer.json`, and `tokenizer_config.json` and
    /// `special_tokens_map.json` where they exist.
    ///
    /// - Throws: `FileError`, `JSONError`, `TokenizerError`.
    public init(folder: String) throws {
        func configuration(_ name: String) throws -> JSON? {
            let path = "\(folder)/\(name)"
            guard somethingExists(at: path) else { return nil }
            return try JSON.parse(readWholeFile(path, limit: Self.configurationLimit), name: path)
        }
        let special = try SpecialTokens(
            configuration: try configuration("tokenizer_config.json"),
            map: try configuration("special_tokens_map.json"), file: "\(folder)/tokenizer_config.json")
        try self.init(TokenizerFile(path: "\(folder)/tokenizer.json"), special)
    }

    /// Reads a `tokenizer.json` that stands alone.
    ///
    /// - Throws: `FileError`, `JSONError`, `TokenizerError`.
    public init(tokenizerJSON path: String) throws {
        try self.init(TokenizerFile(path: path), SpecialTokens(configuration: nil, map: nil, file: path))
    }

    private init(_ file: TokenizerFile, _ special: SpecialTokens) throws {
        var tokens = TokenList(vocabulary: file.vocabulary, index: file.index, file: file.path)
        for record in special.addedTokens ?? file.addedTokens { try tokens.add(record) }
        for record in special.named { tokens.addKnown(record) }
        let unknown = special.role("unk_token") ?? "<unk>"
        guard let unknownID = file.index.find(unknown.bytes[...], in: file.vocabulary) else {
            throw TokenizerError.noUnknownToken(file: file.path, token: unknown.string)
        }
        for id in file.prefix where id < 0 || id >= tokens.vocabulary.count {
            throw TokenizerError.idOutOfRange(
                file: file.path, token: "post_processor", id: id, count: tokens.vocabulary.count)
        }
        vocabulary = tokens.vocabulary
        baseCount = file.vocabulary.count
        merges = file.merges
        addedTokens = tokens.added
        prefix = file.prefix.map(Int32.init)
        self.unknown = Int32(unknownID)
        beginOfSequence = tokens.id(special.role("bos_token"))
        endOfSequence = tokens.id(special.role("eos_token"))
        padding = tokens.id(special.role("pad_token"))
    }
}
