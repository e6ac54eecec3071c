/// An added token as a file describes it.
struct AddedTokenRecord {
    let content: ByteString
    /// What the file says; the true id follows from the vocabulary.
    let id: Int?
    private let options: JSON

    /// - Throws: `TokenizerError.malformedAddedToken`.
    init(_ json: JSON, id: Int?, file: String) throws {
        guard case .string(let content)? = json["content"], content.bytes.count <= Vocabulary.lengthLimit,
            ["single_word", "lstrip", "rstrip", "normalized", "special"].allSatisfy({ key in
                json[key].map { $0.boolValue != nil } ?? true
            })
        else {
            throw TokenizerError.malformedAddedToken(file: file)
        }
        self.content = content
        self.id = id
        self.options = json
    }

    /// A special token that only its name is known of.
    init(special content: ByteString) {
        self.content = content
        self.id = nil
        self.options = ["special": true]
    }

    func token(id: Int32) -> AddedToken {
        func flag(_ key: String) -> Bool? { options[key]?.boolValue }
        return AddedToken(
            id: id, isSingleWord: flag("single_word") ?? false, stripsLeft: flag("lstrip") ?? false,
            stripsRight: flag("rstrip") ?? false,
            isNormalized: flag("normalized") ?? !(flag("special") ?? false))
    }
}

/// What `tokenizer_config.json` and `special_tokens_map.json` add to `tokenizer.json`.
///
/// transformers ignores `add_bos_token` there when `tokenizer.json` exists, whose post-processor alone decides. If
/// the configuration has an `added_tokens_decoder`, that stands in place of `tokenizer.json`'s added tokens, and
/// `special_tokens_map.json` is not read.
struct SpecialTokens {
    /// The list that replaces `tokenizer.json`'s added tokens.
    private(set) var addedTokens: [AddedTokenRecord]?
    /// Tokens with a role, of which those that the vocabulary has are added tokens too.
    private(set) var named: [AddedTokenRecord] = []
    private var roles: [ByteString: ByteString]

    /// What `GemmaTokenizer` takes where the files are silent.
    static let gemmaRoles: [ByteString: ByteString] = [
        "unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
        "mask_token": "<mask>",
    ]
    /// What `CLIPTokenizer` takes.
    static let clipRoles: [ByteString: ByteString] = [
        "unk_token": "<|endoftext|>", "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
    ]

    /// The token with a role such as `bos_token`.
    func role(_ key: ByteString) -> ByteString? { roles[key] }

    /// - Parameters:
    ///   - configuration, map: the two files' contents; nil where there is no such file.
    ///   - defaults: the tokens with a role where the files do not name them.
    /// - Throws: `TokenizerError`.
    init(
        configuration: JSON?, map: JSON?, file: String,
        roles defaults: [ByteString: ByteString] = SpecialTokens.gemmaRoles
    ) throws {
        roles = defaults
        if configuration?["split_special_tokens"] ?? false == true {
            throw TokenizerError.unsupported(
                file: file, key: "split_special_tokens", found: "true", supported: "false")
        }
        let side = configuration?["truncation_side"] ?? "right"
        guard side == "right" else {
            throw TokenizerError.unsupported(
                file: file, key: "truncation_side", found: side.serialized(), supported: "right")
        }
        if let records = configuration?["added_tokens_decoder"] {
            addedTokens = try readDecoder(records, file: file)
        }
        var extra: [AddedTokenRecord] = []
        for source in [configuration, addedTokens == nil ? map : nil] {
            for member in source?.objectValue?.members ?? [] {
                if member.key.string.hasSuffix("_token") {
                    if member.value.isNull {
                        roles[member.key] = nil
                    } else if let record = try readNamed(member.value, file: file) {
                        roles[member.key] = record.content
                        extra.append(record)
                    }
                } else if member.key == "extra_special_tokens" || member.key == "additional_special_tokens" {
                    let list = member.value.arrayValue ?? member.value.objectValue?.members.map(\.value) ?? []
                    extra += try list.compactMap { try readNamed($0, file: file) }
                }
            }
        }
        // What the files describe stands before what is known by its name only.
        named =
            extra.reversed() + roles.sorted { $0.key < $1.key }.map { AddedTokenRecord(special: $0.value) }
        guard named.count <= AddedToken.limit else {
            throw TokenizerError.tooManyAddedTokens(file: file, limit: AddedToken.limit)
        }
    }
}

/// A token given by its text or as an object; nil for anything else, such as `add_bos_token`.
private func readNamed(_ json: JSON, file: String) throws -> AddedTokenRecord? {
    switch json {
    case .string(let content): AddedTokenRecord(special: content)
    case .object: try AddedTokenRecord(json, id: nil, file: file)
    default: nil
    }
}

private func readDecoder(_ json: JSON, file: String) throws -> [AddedTokenRecord] {
    guard let members = json.objectValue?.members else {
        throw TokenizerError.missing(file: file, key: "added_tokens_decoder")
    }
    guard members.count <= AddedToken.limit else {
        throw TokenizerError.tooManyAddedTokens(file: file, limit: AddedToken.limit)
    }
    let records = try members.map { member in
        guard let id = Int(member.key.string) else { throw TokenizerError.malformedAddedToken(file: file) }
        return (id: id, record: try AddedTokenRecord(member.value, id: id, file: file))
    }
    return records.sorted { $0.id < $1.id }.map(\.record)
}
