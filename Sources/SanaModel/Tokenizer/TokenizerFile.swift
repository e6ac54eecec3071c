/// `tokenizer.json`, read piece by piece: its vocabulary and merges go straight into tables.
struct TokenizerFile {
    /// Gemma 2's has 34 MB.
    static let sizeLimit = 1 << 27
    /// For the parts that are read whole.
    static let partLimit = 1 << 20

    let path: String
    private var model: TokenizerModel
    private(set) var addedTokens: [AddedTokenRecord] = []
    /// What stands before each text.
    private(set) var prefix: [Int] = []

    var vocabulary: Vocabulary { model.vocabulary }
    var index: TokenIndex { model.index }
    var merges: MergeTable { model.merges }

    /// - Throws: `FileError`, `JSONError`, `TokenizerError`.
    init(path: String) throws {
        self.path = path
        model = try TokenizerModel(path: path)
        let file = try FileReader(path: path)
        guard file.size <= Self.sizeLimit else {
            throw FileError.tooLarge(path: path, size: file.size, limit: Self.sizeLimit)
        }
        var json = JSONReader(file: file, range: 0..<file.size, name: path)
        var options = PipelineOptions(file: path)
        var hasModel = false
        try json.readObject { json, key in
            switch key {
            case "version", "padding", "decoder":
                // None of these changes the ids of a text.
                try json.skipValue()
            case "added_tokens": try readAddedTokens(&json)
            case "truncation": options.truncation = try json.readPart(key, limit: Self.partLimit)
            case "normalizer": options.normalizer = try json.readPart(key, limit: Self.partLimit)
            case "pre_tokenizer": options.preTokenizer = try json.readPart(key, limit: Self.partLimit)
            case "post_processor": options.postProcessor = try json.readPart(key, limit: Self.partLimit)
            case "model":
                hasModel = true
                try readModel(&json)
            default:
                throw TokenizerError.unsupported(
                    file: path, key: key.string, found: "present", supported: "a tokenizer without it")
            }
        }
        try json.finish()
        guard hasModel else { throw TokenizerError.missing(file: path, key: "model") }
        prefix = try options.prefix()
    }

    private mutating func readAddedTokens(_ json: inout JSONReader) throws {
        try json.readArray { json in
            guard addedTokens.count < AddedToken.limit else {
                throw TokenizerError.tooManyAddedTokens(file: path, limit: AddedToken.limit)
            }
            let record = try json.readPart("added_tokens", limit: Self.partLimit)
            addedTokens.append(try AddedTokenRecord(record, id: record["id"]?.intValue, file: path))
        }
    }

    private mutating func readModel(_ json: inout JSONReader) throws {
        var options = ModelOptions(file: path)
        try model.read(&json) { json, key in
            try options.check(key, try json.readPart(key, limit: Self.partLimit))
        }
        try options.finish()
    }
}

extension JSONReader {
    /// Reads a value whole, unless it takes more bytes of the file than it may.
    mutating func readPart(_ key: ByteString, limit: Int) throws -> JSON {
        var ahead = self
        try ahead.skipValue()
        guard ahead.offset - offset <= limit else {
            throw TokenizerError.partTooLarge(file: name, key: key.string, limit: limit)
        }
        return try readValue()
    }
}
