/// The tables as one blob for the pack, little endian, all numbers 32 bits:
/// magic, version, then how many tokens, tokens of the vocabulary proper, bytes of all tokens, merges, added
/// tokens and ids of the prefix there are; the ids of the unknown, begin, end and padding tokens (all ones where
/// there is none); each token's length; the tokens' bytes; the merges in order, left and right; the added
/// tokens, id and flags; the prefix.
extension TokenizerTables {
    private static let magic: UInt32 = 0x6B74_6173  // "satk"
    private static let version: UInt32 = 1
    private static let headerCount = 12
    /// The largest blob that is read.
    public static let blobLimit = 1 << 26

    public func encoded() -> [UInt8] {
        var blob: [UInt8] = []
        func append(_ number: some BinaryInteger) {
            for shift in stride(from: 0, to: 32, by: 8) {
                blob.append(UInt8(truncatingIfNeeded: UInt32(truncatingIfNeeded: number) >> shift))
            }
        }
        append(Self.magic)
        append(Self.version)
        for count in [
            vocabulary.count, baseCount, vocabulary.byteCount, merges.count, addedTokens.count, prefix.count,
        ] {
            append(count)
        }
        for id in [unknown, beginOfSequence, endOfSequence, padding] { append(id ?? -1) }
        for id in 0..<vocabulary.count { append(vocabulary[id].count) }
        blob += vocabulary.bytes
        for pair in merges.pairs {
            append(pair.left)
            append(pair.right)
        }
        for token in addedTokens {
            append(token.id)
            append(token.flags)
        }
        for id in prefix { append(id) }
        return blob
    }

    /// Reads the tables back and holds everything in them against each other.
    ///
    /// - Parameter file: the pack's name, for messages.
    /// - Throws: `TokenizerError`.
    public init(blob: [UInt8], file: String = "tokenizer") throws {
        func damaged(_ what: String) -> TokenizerError { .damagedTables(file: file, what: what) }
        guard blob.count <= Self.blobLimit else { throw damaged("they take \(blob.count) bytes") }
        var numbers = WordReader(blob)
        guard blob.count >= 4 * Self.headerCount else { throw damaged("they end within their header") }
        guard numbers.next() == Self.magic else { throw damaged("they do not begin as such tables do") }
        let version = numbers.next()
        guard version == Self.version else { throw damaged("they are of version \(version)") }
        let counts = (0..<6).map { _ in Int(numbers.next()) }
        let (tokenCount, baseCount, byteCount) = (counts[0], counts[1], counts[2])
        let (mergeCount, addedCount, prefixCount) = (counts[3], counts[4], counts[5])
        guard tokenCount <= Vocabulary.tokenLimit, mergeCount <= MergeTable.limit,
            addedCount <= AddedToken.limit, prefixCount <= Self.prefixLimit, baseCount <= tokenCount
        else {
            throw damaged("they claim \(tokenCount) tokens, \(mergeCount) merges, \(addedCount) added tokens")
        }
        // The limits keep this sum far from overflow, and it bounds all that is allocated below.
        let wordCount = Self.headerCount + tokenCount + 2 * (mergeCount + addedCount) + prefixCount
        guard blob.count == 4 * wordCount + byteCount else {
            throw damaged(
                "they take \(blob.count) bytes where their counts call for \(4 * wordCount + byteCount)")
        }
        let roles = (0..<4).map { _ in numbers.next() }

        // The tokens.
        var vocabulary = Vocabulary()
        var index = TokenIndex(capacity: tokenCount)
        vocabulary.reserve(tokens: tokenCount, bytes: byteCount)
        var text = WordReader(blob, from: numbers.offset + 4 * tokenCount)
        for id in 0..<tokenCount {
            let length = Int(numbers.next())
            guard length <= Vocabulary.lengthLimit, length <= byteCount - vocabulary.byteCount else {
                throw damaged("token \(id) claims \(length) bytes")
            }
            vocabulary.append(text.bytes(length))
            guard isUTF8(vocabulary[id]) else { throw damaged("token \(id) is not UTF-8") }
        }
        guard vocabulary.byteCount == byteCount else { throw damaged("tokens have fewer bytes than claimed") }
        numbers = text

        // The merges work on the vocabulary proper.
        for id in 0..<baseCount {
            guard index.insert(id, of: vocabulary) else { throw damaged("token \(id) is there twice") }
        }
        var pairs: [MergeTable.Pair] = []
        pairs.reserveCapacity(mergeCount)
        for merge in 0..<mergeCount {
            let pair = MergeTable.Pair(left: numbers.next(), right: numbers.next())
            guard pair.left < baseCount, pair.right < baseCount else {
                throw damaged("merge \(merge) names a token that is not there")
            }
            pairs.append(pair)
        }
        merges = try MergeTable(pairs, vocabulary: vocabulary, baseCount: baseCount, index: index, file: file)

        // Added tokens and the prefix.
        for id in baseCount..<tokenCount {
            guard index.insert(id, of: vocabulary) else { throw damaged("token \(id) is there twice") }
        }
        func id(_ number: UInt32) throws -> Int32 {
            guard number < tokenCount else {
                throw damaged("id \(number) is not one of \(tokenCount) tokens")
            }
            return Int32(number)
        }
        func optionalID(_ number: UInt32) throws -> Int32? { number == UInt32.max ? nil : try id(number) }
        var seen: Set<Int32> = []
        addedTokens = try (0..<addedCount).map { _ in
            let id = try id(numbers.next())
            guard !vocabulary[Int(id)].isEmpty, seen.insert(id).inserted else {
                throw damaged("added token \(id) is empty or there twice")
            }
            guard let token = AddedToken(id: id, flags: numbers.next()) else {
                throw damaged("added token \(id) has unknown flags")
            }
            return token
        }
        prefix = try (0..<prefixCount).map { _ in try id(numbers.next()) }
        unknown = try id(roles[0])
        guard unknown < baseCount else { throw damaged("the unknown token is not in the vocabulary") }
        beginOfSequence = try optionalID(roles[1])
        endOfSequence = try optionalID(roles[2])
        padding = try optionalID(roles[3])
        self.vocabulary = vocabulary
        self.baseCount = baseCount
    }
}

extension AddedToken {
    fileprivate var flags: UInt32 {
        (isSingleWord ? 1 : 0) | (stripsLeft ? 2 : 0) | (stripsRight ? 4 : 0) | (isNormalized ? 8 : 0)
    }

    fileprivate init?(id: Int32, flags: UInt32) {
        guard flags < 16 else { return nil }
        self.init(
            id: id, isSingleWord: flags & 1 != 0, stripsLeft: flags & 2 != 0, stripsRight: flags & 4 != 0,
            isNormalized: flags & 8 != 0)
    }
}

/// Reads numbers and bytes in turn; the caller has held all counts against the blob's size.
private struct WordReader {
    private let blob: [UInt8]
    private(set) var offset: Int

    init(_ blob: [UInt8], from offset: Int = 0) {
        self.blob = blob
        self.offset = offset
    }

    mutating func next() -> UInt32 {
        var number: UInt32 = 0
        for index in (0..<4).reversed() { number = number << 8 | UInt32(blob[offset + index]) }
        offset += 4
        return number
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8> {
        offset += count
        return blob[offset - count..<offset]
    }
}

private func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
    (try? UTF8Span(validating: bytes.span)) != nil
}
