/// `tokenizer.json`, read piece by piece: its vocabulary and merges go straight into tables.
struct TokenizerFile {
    /// Gemma 2's has 34 MB.
    static let sizeLimit = 1 << 27
    /// For the parts that are read whole.
    static let partLimit = 1 << 20

    let path: String
    private(set) var vocabulary = Vocabulary()
    private(set) var index = TokenIndex(capacity: 0)
    private(set) var merges: MergeTable
    private(set) var addedTokens: [AddedTokenRecord] = []
    /// What stands before each text.
    private(set) var prefix: [Int] = []

    /// - Throws: `FileError`, `JSONError`, `TokenizerError`.
    init(path: String) throws {
        self.path = path
        merges = try MergeTable([], vocabulary: vocabulary, baseCount: 0, index: index, file: path)
        let file = try FileReader(path: path)
        guard file.size <= Self.sizeLimit else {
            throw FileError.tooLarge(path: path, size: file.size, limit: Self.sizeLimit)
        }
        var json = JSONReader(file: file, range: 0..<file.size, name: path)
        var options = PipelineOptions(file: path)
        var hasModel = false
        try json.readObject { json, key in
            switch key {
            case "version", "truncation", "padding", "decoder":
                // None of these changes the ids of a text.
                try json.skipValue()
            case "added_tokens": try readAddedTokens(&json)
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

    // MARK: The model

    private mutating func readModel(_ json: inout JSONReader) throws {
        var options = ModelOptions(file: path)
        var hasVocabulary = false
        // Merges name tokens: where they stand before the vocabulary, they are read after it.
        var mergesAhead: JSONReader?
        var hasMerges = false
        try json.readObject { json, key in
            switch key {
            case "vocab":
                hasVocabulary = true
                try readVocabulary(&json)
            case "merges":
                hasMerges = true
                if hasVocabulary {
                    try readMerges(&json)
                } else {
                    mergesAhead = json
                    try json.skipValue()
                }
            default:
                try options.check(key, try json.readPart(key, limit: Self.partLimit))
            }
        }
        guard hasVocabulary else { throw TokenizerError.missing(file: path, key: "vocab") }
        guard hasMerges else { throw TokenizerError.missing(file: path, key: "merges") }
        try options.finish()
        if var mergesAhead { try readMerges(&mergesAhead) }
    }

    private mutating func readVocabulary(_ json: inout JSONReader) throws {
        // Tokens in the order of the file, which need not be that of their ids.
        var unordered = Vocabulary()
        var ids: [UInt32] = []
        var token: [UInt8] = []
        try json.openObject()
        while try json.nextKey(into: &token) {
            guard unordered.count < Vocabulary.tokenLimit else {
                throw TokenizerError.tooManyTokens(file: path, limit: Vocabulary.tokenLimit)
            }
            guard token.count <= Vocabulary.lengthLimit else {
                throw TokenizerError.tokenTooLong(
                    file: path, token: String(decoding: token, as: UTF8.self), limit: Vocabulary.lengthLimit)
            }
            let id = try json.readInteger()
            guard let narrow = UInt32(exactly: id) else {
                throw TokenizerError.idOutOfRange(
                    file: path, token: String(decoding: token, as: UTF8.self), id: id,
                    count: unordered.count + 1)
            }
            unordered.append(token)
            ids.append(narrow)
            token.removeAll(keepingCapacity: true)
        }
        try order(unordered, ids)
    }

    private mutating func order(_ unordered: Vocabulary, _ ids: [UInt32]) throws {
        let count = unordered.count
        let unset = UInt32.max
        var positions = Array(repeating: unset, count: count)
        for (position, id) in ids.enumerated() {
            guard id < count else {
                throw TokenizerError.idOutOfRange(
                    file: path, token: unordered.text(position), id: Int(id), count: count)
            }
            guard positions[Int(id)] == unset else {
                throw TokenizerError.duplicateID(
                    file: path, id: Int(id), first: unordered.text(Int(positions[Int(id)])),
                    second: unordered.text(position))
            }
            positions[Int(id)] = UInt32(position)
        }
        vocabulary.reserve(tokens: count, bytes: unordered.byteCount)
        index = TokenIndex(capacity: count + AddedToken.limit)
        for (id, position) in positions.enumerated() {
            vocabulary.append(unordered[Int(position)])
            guard index.insert(id, of: vocabulary) else {
                throw TokenizerError.duplicateToken(file: path, token: vocabulary.text(id))
            }
        }
    }

    /// Merges are written `"a b"` or `["a", "b"]`.
    private mutating func readMerges(_ json: inout JSONReader) throws {
        var pairs: [MergeTable.Pair] = []
        var text: [UInt8] = []
        try json.readArray { json in
            guard pairs.count < MergeTable.limit else {
                throw TokenizerError.tooManyMerges(file: path, limit: MergeTable.limit)
            }
            text.removeAll(keepingCapacity: true)
            let split: Int
            var start = 0
            if try json.peek() == .string {
                try json.readString(into: &text)
                guard let space = text.firstIndex(of: 0x20), !text[(space + 1)...].contains(0x20) else {
                    throw TokenizerError.malformedMerge(file: path, merge: pairs.count)
                }
                split = space
                start = space + 1
            } else {
                var ends: [Int] = []
                try json.readArray { json in
                    guard ends.count < 2 else {
                        throw TokenizerError.malformedMerge(file: path, merge: pairs.count)
                    }
                    try json.readString(into: &text)
                    ends.append(text.count)
                }
                guard ends.count == 2 else {
                    throw TokenizerError.malformedMerge(file: path, merge: pairs.count)
                }
                split = ends[0]
                start = split
            }
            pairs.append(
                MergeTable.Pair(
                    left: try id(of: text[..<split], merge: pairs.count),
                    right: try id(of: text[start...], merge: pairs.count)))
        }
        merges = try MergeTable(
            pairs, vocabulary: vocabulary, baseCount: vocabulary.count, index: index, file: path)
    }

    private func id(of token: ArraySlice<UInt8>, merge: Int) throws -> UInt32 {
        guard let id = index.find(token, in: vocabulary) else {
            throw TokenizerError.mergeOfUnknownToken(
                file: path, merge: merge, token: String(decoding: token, as: UTF8.self))
        }
        return UInt32(id)
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
