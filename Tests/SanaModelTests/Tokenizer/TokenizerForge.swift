import SanaModel
import TestSupport

/// A `tokenizer.json` as a test wants it: a small Gemma tokenizer, any part of which may be replaced.
struct TokenizerForge {
    var parts: JSONObject
    var model: JSONObject
    var vocabulary: [(token: String, id: JSON)] = [
        ("<pad>", 0), ("<eos>", 1), ("<bos>", 2), ("<unk>", 3), ("<mask>", 4), ("▁", 5), ("a", 6), ("b", 7),
        ("ab", 8),
        ("▁a", 9),
    ]
    var merges: JSON = [["a", "b"], ["▁", "a"]]
    var addedTokens: [JSON] = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"].enumerated().map {
        added($0.element, id: $0.offset)
    }
    /// `tokenizer_config.json`.
    var configuration: JSON?

    init() {
        model = JSONObject()
        for (key, value) in [
            ("type", "BPE"), ("dropout", nil), ("unk_token", "<unk>"), ("continuing_subword_prefix", nil),
            ("end_of_word_suffix", nil), ("fuse_unk", true), ("byte_fallback", true),
            ("ignore_merges", false),
        ] as [(String, JSON)] {
            model[key] = value
        }
        parts = JSONObject()
        for (key, value) in [
            ("version", "1.0"), ("truncation", nil), ("padding", nil),
            ("normalizer", ["type": "Replace", "pattern": ["String": " "], "content": "▁"]),
            ("pre_tokenizer", nil),
            ("post_processor", Self.template(prefix: ["<bos>"], ids: [2])), ("decoder", nil),
        ] as [(String, JSON)] {
            parts[key] = value
        }
    }

    static func added(_ content: String, id: Int, normalized: Bool = false, special: Bool = true) -> JSON {
        [
            "id": .integer(id), "content": .string(content), "single_word": false, "lstrip": false,
            "rstrip": false,
            "normalized": .bool(normalized), "special": .bool(special),
        ]
    }

    static func template(prefix: [String], ids: [JSON]) -> JSON {
        var tokens = JSONObject()
        for name in prefix {
            tokens[name] = ["id": .string(name), "ids": .array(ids), "tokens": [.string(name)]]
        }
        let pieces = prefix.map { ["SpecialToken": ["id": .string($0), "type_id": 0]] as JSON }
        return [
            "type": "TemplateProcessing",
            "single": .array(pieces + [["Sequence": ["id": "A", "type_id": 0]]]),
            "pair": [], "special_tokens": .object(tokens),
        ]
    }

    /// The text of the file. Keys of the vocabulary are written as they are, so that they may stand there twice.
    func json(mergesFirst: Bool = false) -> String {
        let entries = vocabulary.map { "\(JSON.string($0.token).serialized()):\($0.id.serialized())" }
        var members = ["\"vocab\":{\(entries.joined(separator: ","))}", "\"merges\":\(merges.serialized())"]
        if mergesFirst { members.reverse() }
        let options = model.members.map { "\(JSON.string($0.key).serialized()):\($0.value.serialized())" }
        var all = parts
        all["added_tokens"] = .array(addedTokens)
        let outer = all.members.map { "\(JSON.string($0.key).serialized()):\($0.value.serialized())" }
        return
            "{\((outer + ["\"model\":{\((options + members).joined(separator: ","))}"]).joined(separator: ","))}"
    }

    func write(in folder: TestSupport.TemporaryFolder, mergesFirst: Bool = false) throws {
        try folder.put(json(mergesFirst: mergesFirst), "tokenizer.json")
        if let configuration { try folder.put(configuration.serialized(), "tokenizer_config.json") }
    }
}
