/// The tables of byte-pair encoding while they are read: a vocabulary, the index over it, and merges.
struct TokenizerModel {
    /// For messages.
    let path: String
    private(set) var vocabulary = Vocabulary()
    private(set) var index = TokenIndex(capacity: 0)
    private(set) var merges: MergeTable

    /// - Parameter path: the file that is read.
    init(path: String) throws {
        self.path = path
        merges = try MergeTable([], vocabulary: vocabulary, baseCount: 0, index: index, file: path)
    }

    /// Reads the `model` of a `tokenizer.json`.
    ///
    /// - Parameter readOther: reads the value of a key that is neither `vocab` nor `merges`.
    mutating func read(
        _ json: inout JSONReader, readOther: (inout JSONReader, ByteString) throws -> Void
    ) throws {
        // Merges name tokens: where they stand before the vocabulary, they are read after it.
        var mergesAhead: JSONReader?
        var (hasVocabulary, hasMerges) = (false, false)
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
            default: try readOther(&json, key)
            }
        }
        guard hasVocabulary else { throw TokenizerError.missing(file: path, key: "vocab") }
        guard hasMerges else { throw TokenizerError.missing(file: path, key: "merges") }
        if var mergesAhead { try readMerges(&mergesAhead) }
    }

    /// Reads a JSON object of tokens and their ids, which are those from 0 on without a gap.
    mutating func readVocabulary(_ json: inout JSONReader) throws {
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

    /// Reads a JSON array of merges, which are written `"a b"` or `["a", "b"]`.
    mutating func readMerges(_ json: inout JSONReader) throws {
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

    /// Reads the lines of a `merges.txt`: a line of version, then two tokens and a space between them on each.
    mutating func readMerges(lines text: [UInt8], of file: String) throws {
        var pairs: [MergeTable.Pair] = []
        for (number, line) in text.split(separator: 0x0A).enumerated() {
            let line = line.last == 0x0D ? line.dropLast() : line
            if line.isEmpty || number == 0 && line.starts(with: "#version".utf8) { continue }
            guard pairs.count < MergeTable.limit else {
                throw TokenizerError.tooManyMerges(file: file, limit: MergeTable.limit)
            }
            guard let space = line.firstIndex(of: 0x20), !line[(space + 1)...].contains(0x20) else {
                throw TokenizerError.malformedMerge(file: file, merge: pairs.count)
            }
            pairs.append(
                MergeTable.Pair(
                    left: try id(of: line[..<space], merge: pairs.count),
                    right: try id(of: line[(space + 1)...], merge: pairs.count)))
        }
        merges = try MergeTable(
            pairs, vocabulary: vocabulary, baseCount: vocabulary.count, index: index, file: file)
    }

    private func id(of token: ArraySlice<UInt8>, merge: Int) throws -> UInt32 {
        guard let id = index.find(token, in: vocabulary) else {
            throw TokenizerError.mergeOfUnknownToken(
                file: path, merge: merge, token: String(decoding: token, as: UTF8.self))
        }
        return UInt32(id)
    }
}
