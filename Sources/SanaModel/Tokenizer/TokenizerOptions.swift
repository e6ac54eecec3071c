/// The options of `tokenizer.json` around its model, held against what `GemmaTokenizer` does.
struct PipelineOptions {
    let file: String
    var normalizer: JSON = .null
    var preTokenizer: JSON = .null
    var postProcessor: JSON = .null
    var truncation: JSON = .null

    init(file: String) {
        self.file = file
    }

    /// The ids that stand before each text.
    ///
    /// - Throws: `TokenizerError.unsupported` for any option that would give other ids.
    func prefix() throws -> [Int] {
        try requireSpacesReplaced()
        try requireNoSplitting()
        try requireTruncationAtTheEnd()
        return try template(alone(postProcessor, list: "processors"))
    }

    /// Spaces become "▁", and nothing else changes.
    private func requireSpacesReplaced() throws {
        let normalizer = alone(normalizer, list: "normalizers")
        guard normalizer["type"] == "Replace", normalizer["pattern"] == ["String": " "],
            normalizer["content"] == "▁"
        else {
            throw unsupported("normalizer", normalizer, #"Replace of " " by "▁""#)
        }
    }

    /// Splitting at spaces does nothing once there are none left.
    private func requireNoSplitting() throws {
        if preTokenizer.isNull { return }
        guard preTokenizer["type"] == "Split", preTokenizer["pattern"] == ["String": " "],
            preTokenizer["behavior"] == "MergedWithPrevious", preTokenizer["invert"] ?? false == false
        else {
            throw unsupported(
                "pre_tokenizer", preTokenizer, #"none, or Split at " " with MergedWithPrevious"#)
        }
    }

    /// Long texts lose their end; where they are cut is the caller's.
    private func requireTruncationAtTheEnd() throws {
        guard truncation["direction"] ?? "Right" == "Right" else {
            throw unsupported("truncation", truncation, #"none, or the direction "Right""#)
        }
    }

    /// Special tokens before the text; none behind it.
    private func template(_ processor: JSON) throws -> [Int] {
        if processor.isNull { return [] }
        let supported = "TemplateProcessing with special tokens before the text"
        guard processor["type"] == "TemplateProcessing", let pieces = processor["single"]?.arrayValue,
            let last = pieces.last, last["Sequence"]?["id"] == "A"
        else {
            throw unsupported("post_processor", processor, supported)
        }
        var prefix: [Int] = []
        for piece in pieces.dropLast() {
            guard case .string(let name)? = piece["SpecialToken"]?["id"],
                let ids = processor["special_tokens"]?.objectValue?[name]?["ids"]?.arrayValue
            else {
                throw unsupported("post_processor", piece, supported)
            }
            for id in ids {
                guard let id = id.intValue, prefix.count < TokenizerTables.prefixLimit else {
                    throw unsupported("post_processor", piece, supported)
                }
                prefix.append(id)
            }
        }
        return prefix
    }

    /// The only member of a sequence; anything else as it is.
    private func alone(_ option: JSON, list: String) -> JSON {
        guard option["type"] == "Sequence", let members = option[list]?.arrayValue, members.count == 1 else {
            return option
        }
        return members[0]
    }

    private func unsupported(_ key: String, _ found: JSON, _ supported: String) -> TokenizerError {
        .unsupported(file: file, key: key, found: found.serialized(), supported: supported)
    }
}

/// The options of `tokenizer.json`'s model, held against what `GemmaTokenizer` does.
struct ModelOptions {
    let file: String
    private var seen: Set<ByteString> = []

    /// What each option must be; the first value is the one to name.
    private static let supported: [(key: ByteString, values: [JSON])] = [
        ("type", ["BPE"]),
        ("fuse_unk", [true]),
        ("byte_fallback", [true]),
        ("ignore_merges", [false, nil]),
        ("dropout", [nil, 0, 0.0]),
        ("continuing_subword_prefix", [nil, ""]),
        ("end_of_word_suffix", [nil, ""]),
    ]
    private static let required: [ByteString] = ["type", "fuse_unk", "byte_fallback"]

    init(file: String) {
        self.file = file
    }

    mutating func check(_ key: ByteString, _ value: JSON) throws {
        seen.insert(key)
        // The token for what is unknown comes from the tokenizer's configuration.
        if key == "unk_token" { return }
        guard let option = Self.supported.first(where: { $0.key == key }) else {
            throw TokenizerError.unsupported(
                file: file, key: key.string, found: value.serialized(), supported: "a model without it")
        }
        guard option.values.contains(value) else {
            throw TokenizerError.unsupported(
                file: file, key: key.string, found: value.serialized(),
                supported: option.values[0].serialized())
        }
    }

    func finish() throws {
        for key in Self.required where !seen.contains(key) {
            throw TokenizerError.missing(file: file, key: key.string)
        }
    }
}
