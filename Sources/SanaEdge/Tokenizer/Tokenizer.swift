import SanaModel

/// A prompt that cannot be encoded.
public enum PromptError: Failure, Equatable {
    case invalidUTF8
    case tooLong(bytes: Int, limit: Int)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .invalidUTF8: "The prompt is not valid UTF-8."
        case .tooLong(let bytes, let limit):
            "The prompt has \(bytes) bytes, and at most \(limit) are encoded."
        }
    }
}

/// Text to token ids, as transformers' `GemmaTokenizer` does it.
///
/// The text is cut at added tokens; in the pieces spaces become "▁"; each character becomes its token, or those of
/// its bytes, or the unknown token; then pairs merge, those learnt first before all others, over the whole piece.
///
/// Merging works on stretches between which no merge can reach: two neighbours are cut apart where no merge joins
/// a token ending in the first one's last character with one beginning with the second one's first. The ids are
/// those of the whole piece at once. So an ordinary text takes linear time, any text n log n, and the ids up to a
/// limit are known once their stretches are.
public struct Tokenizer: Sendable {
    /// Bytes of the longest text that is encoded. A stretch takes up to 40 bytes of memory for each of its own.
    public static let textLimit = 1 << 24

    public let tables: TokenizerTables
    private let characters: [Unicode.Scalar: UInt32]
    /// The token of each byte; nil where the vocabulary lacks it.
    private let byteTokens: [UInt32?]
    private let seams: Seams
    /// Looked for in the text as it was given, and in the text without spaces.
    private let givenTokens: AddedTokenMatcher
    private let normalizedTokens: AddedTokenMatcher

    public init(_ tables: TokenizerTables) {
        self.tables = tables
        var characters: [Unicode.Scalar: UInt32] = [:]
        var byteTokens = [UInt32?](repeating: nil, count: 256)
        for id in 0..<tables.baseCount {
            let token = tables.vocabulary[id]
            if let scalar = onlyScalar(token) { characters[scalar] = UInt32(id) }
            if let byte = fallbackByte(token) { byteTokens[Int(byte)] = UInt32(id) }
        }
        self.characters = characters
        self.byteTokens = byteTokens
        seams = Seams(tables)
        givenTokens = AddedTokenMatcher(tables.addedTokens.filter { !$0.isNormalized }) {
            Array(tables.vocabulary[Int($0.id)])
        }
        normalizedTokens = AddedTokenMatcher(tables.addedTokens.filter(\.isNormalized)) {
            withoutSpaces(tables.vocabulary[Int($0.id)])
        }
    }

    /// The ids of a text, with what stands before each text.
    ///
    /// - Parameter limit: how many ids are wanted; those that are returned are the first of all.
    /// - Throws: `PromptError`.
    public func encode(_ text: String, limit: Int = .max) throws -> [Int32] {
        try encode(Array(text.utf8), limit: limit)
    }

    /// The ids of a text in UTF-8.
    public func encode(_ text: [UInt8], limit: Int = .max) throws -> [Int32] {
        guard text.count <= Self.textLimit else {
            throw PromptError.tooLong(bytes: text.count, limit: Self.textLimit)
        }
        guard (try? UTF8Span(validating: text.span)) != nil else { throw PromptError.invalidUTF8 }
        var output = tables.prefix
        var merger = PairMerger(merges: tables.merges)
        givenTokens.forEachPiece(of: text[...]) { piece in
            switch piece {
            case .token(let id): output.append(id)
            case .text(let given):
                let text = withoutSpaces(given)
                normalizedTokens.forEachPiece(of: text[...]) { piece in
                    switch piece {
                    case .token(let id): output.append(id)
                    case .text(let text): encode(text, with: &merger, to: &output, limit: limit)
                    }
                    return output.count < limit
                }
            }
            return output.count < limit
        }
        return output.count > limit ? Array(output.prefix(max(0, limit))) : output
    }

    /// Encodes a piece without added tokens, stretch by stretch.
    private func encode(
        _ text: ArraySlice<UInt8>, with merger: inout PairMerger, to output: inout [Int32], limit: Int
    ) {
        var last: UInt32?
        func append(_ token: UInt32) {
            if let last, !seams.canJoin(last, token) { merger.merge(appendingTo: &output) }
            merger.append(token)
            last = token
        }
        var isUnknownPending = false
        var scalars = ScalarReader(text)
        while let (scalar, bytes) = scalars.next() {
            if let token = characters[scalar] {
                if isUnknownPending { append(UInt32(tables.unknown)) }
                isUnknownPending = false
                append(token)
            } else if bytes.allSatisfy({ byteTokens[Int($0)] != nil }) {
                // As in the tokenizers library, an unknown token that is pending lets bytes pass.
                for byte in bytes { append(byteTokens[Int(byte)] ?? UInt32(tables.unknown)) }
            } else {
                isUnknownPending = true
            }
            if output.count >= limit { break }
        }
        if isUnknownPending { append(UInt32(tables.unknown)) }
        merger.merge(appendingTo: &output)
    }
}

/// The text with each space as "▁".
private func withoutSpaces(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    for byte in text {
        if byte == 0x20 {
            result += [0xE2, 0x96, 0x81]
        } else {
            result.append(byte)
        }
    }
    return result
}

/// The byte that a token such as `<0x0A>` stands for.
private func fallbackByte(_ token: ArraySlice<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token.last == UInt8(ascii: ">") else {
        return nil
    }
    let digits = token.dropFirst(3).dropLast()
    // Capital digits only: these are the names that are looked up.
    guard digits.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }) else { return nil }
    return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
}
