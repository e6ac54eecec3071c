/// What a CLIP tokenizer is made of: byte-pair encoding inside words, whose last token ends in `</w>`.
///
/// The rules are those of transformers' `CLIPTokenizer`, which takes vocabulary, merges and added tokens from the
/// folder and the rest from its own code.
public struct CLIPTokenizerTables: Sendable {
    public let vocabulary: Vocabulary
    public let merges: MergeTable
    public let addedTokens: [AddedToken]
    /// The token of each byte inside a word; nil where the vocabulary lacks it.
    public let innerBytes: [Int32?]
    /// The token of each byte at a word's end.
    public let lastBytes: [Int32?]
    public let start: Int32
    public let end: Int32
    public let unknown: Int32
    /// Tokens of a text at most, its start and end included; nil where the files do not say.
    public let lengthLimit: Int?

    private static let configurationLimit = 1 << 22

    /// Reads `tokenizer.json`, or `vocab.json` and `merges.txt` where there is none; and `tokenizer_config.json` and
    /// `special_tokens_map.json` where they exist.
    ///
    /// - Throws: `FileError`, `JSONError`, `TokenizerError`.
    public init(folder: String) throws {
        func configuration(_ name: String) throws -> JSON? {
            let path = "\(folder)/\(name)"
            guard somethingExists(at: path) else { return nil }
            return try JSON.parse(readWholeFile(path, limit: Self.configurationLimit), name: path)
        }
        let options = try configuration("tokenizer_config.json")
        let special = try SpecialTokens(
            configuration: options, map: try configuration("special_tokens_map.json"),
            file: "\(folder)/tokenizer_config.json", roles: SpecialTokens.clipRoles)
        let file = try CLIPTokenizerFile(folder: folder)
        let model = file.model
        var tokens = TokenList(vocabulary: model.vocabulary, index: model.index, file: model.path)
        for record in special.addedTokens ?? file.addedTokens { try tokens.add(record) }
        for record in special.named { tokens.addKnown(record) }

        func role(_ name: ByteString) throws -> Int32 {
            let token = special.role(name)
            guard let id = tokens.id(token) else {
                throw TokenizerError.noSpecialToken(
                    file: model.path, role: name.string, token: token?.string ?? "")
            }
            return id
        }
        start = try role("bos_token")
        end = try role("eos_token")
        unknown = try role("unk_token")
        vocabulary = tokens.vocabulary
        merges = model.merges
        addedTokens = tokens.added
        // Numbers such as 1e30 stand for no limit.
        lengthLimit = options?["model_max_length"]?.intValue.flatMap { $0 >= 2 ? $0 : nil }
        let letters = byteLetters.map { Array(String($0).utf8) }
        innerBytes = letters.map { model.index.find($0[...], in: model.vocabulary).map(Int32.init) }
        lastBytes = letters.map { letter in
            model.index.find((letter + Array("</w>".utf8))[...], in: model.vocabulary).map(Int32.init)
        }
    }
}

/// The letter that stands for each byte in a byte-level vocabulary, as GPT-2 introduced it: the byte's own where it
/// is printable in Latin-1, and those from U+0100 on, in order, for the others.
private let byteLetters: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
        switch byte {
        case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
        default:
            defer { next += 1 }
            return Unicode.Scalar(next) ?? " "
        }
    }
}()
