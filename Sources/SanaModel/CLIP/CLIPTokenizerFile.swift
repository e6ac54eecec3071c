/// The files of a CLIP tokenizer: `tokenizer.json`, or `vocab.json` beside `merges.txt`.
struct CLIPTokenizerFile {
    private static let mergesLimit = 1 << 26

    private(set) var model: TokenizerModel
    private(set) var addedTokens: [AddedTokenRecord] = []

    /// - Throws: `FileError`, `JSONError`, `TokenizerError`.
    init(folder: String) throws {
        let whole = "\(folder)/tokenizer.json"
        let vocabulary = "\(folder)/vocab.json"
        if somethingExists(at: whole) || !somethingExists(at: vocabulary) {
            model = try TokenizerModel(path: whole)
            try readWhole(try Self.reader(whole))
        } else {
            model = try TokenizerModel(path: vocabulary)
            var json = try Self.reader(vocabulary)
            try model.readVocabulary(&json)
            try json.finish()
            let merges = "\(folder)/merges.txt"
            try model.readMerges(lines: readWholeFile(merges, limit: Self.mergesLimit), of: merges)
        }
    }

    private static func reader(_ path: String) throws -> JSONReader {
        let file = try FileReader(path: path)
        guard file.size <= TokenizerFile.sizeLimit else {
            throw FileError.tooLarge(path: path, size: file.size, limit: TokenizerFile.sizeLimit)
        }
        return JSONReader(file: file, range: 0..<file.size, name: path)
    }

    private mutating func readWhole(_ reader: JSONReader) throws {
        var json = reader
        var hasModel = false
        try json.readObject { json, key in
            switch key {
            case "added_tokens": try readAddedTokens(&json)
            case "model":
                hasModel = true
                try model.read(&json) { json, _ in try json.skipValue() }
            // The rest is what `CLIPTokenizer` has in its code.
            default: try json.skipValue()
            }
        }
        try json.finish()
        guard hasModel else { throw TokenizerError.missing(file: model.path, key: "model") }
    }

    private mutating func readAddedTokens(_ json: inout JSONReader) throws {
        try json.readArray { json in
            guard addedTokens.count < AddedToken.limit else {
                throw TokenizerError.tooManyAddedTokens(file: model.path, limit: AddedToken.limit)
            }
            let record = try json.readPart("added_tokens", limit: TokenizerFile.partLimit)
            addedTokens.append(try AddedTokenRecord(record, id: record["id"]?.intValue, file: model.path))
        }
    }
}
