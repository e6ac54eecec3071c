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

/// The vocabulary, to which added tokens are added one by one: those that it does not have get the next ids.
private struct TokenList {
    private(set) var vocabulary: Vocabulary
    private(set) var added: [AddedToken] = []
    private var index: TokenIndex
    private var ids: Set<Int> = []
    private let file: String

    init(vocabulary: Vocabulary, index: TokenIndex, file: String) {
        self.vocabulary = vocabulary
        self.index = index
        self.file = file
    }

    func id(_ token: ByteString?) -> Int32? {
        token.flatMap { index.find($0.bytes[...], in: vocabulary) }.map(Int32.init)
    }

    mutating func add(_ record: AddedTokenRecord) throws {
        // As in the tokenizers library, an empty token is none.
        if record.content.bytes.isEmpty { return }
        let known = index.find(record.content.bytes[...], in: vocabulary)
        let id = known ?? vocabulary.count
        if let stated = record.id, stated != id {
            throw TokenizerError.addedTokenID(
                file: file, token: record.content.string, found: stated, expected: id)
        }
        guard ids.insert(id).inserted else {
            throw TokenizerError.duplicateAddedToken(file: file, token: record.content.string)
        }
        if known == nil {
            guard vocabulary.count < Vocabulary.tokenLimit else {
                throw TokenizerError.tooManyTokens(file: file, limit: Vocabulary.tokenLimit)
            }
            vocabulary.append(record.content.bytes)
            _ = index.insert(id, of: vocabulary)
        }
        added.append(record.token(id: Int32(id)))
    }

    /// Adds a token with a role, if it has an id and is not there yet. One without an id has no row in the text
    /// encoder's embedding either.
    mutating func addKnown(_ record: AddedTokenRecord) {
        guard let id = index.find(record.content.bytes[...], in: vocabulary), ids.insert(id).inserted else {
            return
        }
        added.append(record.token(id: Int32(id)))
    }
}
