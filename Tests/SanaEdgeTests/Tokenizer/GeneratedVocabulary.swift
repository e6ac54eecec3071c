import SanaEdge
import SanaModel
import TestSupport

/// A vocabulary of 256 000 tokens, as many as Gemma's, made from a seed: words, runs of "▁", and many tokens that
/// are canonically equivalent to others.
struct GeneratedVocabulary {
    static let count = 256_000

    private(set) var tokens: [String] = []
    private(set) var ids: [ByteString: Int] = [:]
    private(set) var merges: [(String, String)] = []
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
        for token in ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"] { add(token) }
        for byte in 0..<256 {
            let digits = String(byte, radix: 16, uppercase: true)
            add("<0x\(digits.count == 1 ? "0" : "")\(digits)>")
        }
        var parts: [String] = []
        for scalar in "abcdefghijklmnopqrstuvwxyz▁K\u{212a}\u{c5}\u{212b}\u{301}\u{30a}\u{e9}".unicodeScalars
        {
            add(String(scalar))
            parts.append(String(scalar))
        }
        // Every syllable of Hangul, and the letters of which each is made.
        for scalar in 0x1100...0x1112 { add(String(character: scalar)) }
        for scalar in 0x1161...0x1175 { add(String(character: scalar)) }
        for scalar in 0xAC00...0xD7A3 { add(String(character: scalar)) }
        for lead in 0x1100...0x1112 {
            for vowel in 0x1161...0x1175 { join(String(character: lead), String(character: vowel)) }
        }
        // Latin letters with a mark in one scalar and in two.
        for scalar in (0xC0...0x24F).compactMap(Unicode.Scalar.init) { add(String(scalar)) }
        join("e", "\u{301}")
        join("a", "\u{30a}")
        for length in 2...31 { join(String(repeating: "▁", count: length - 1), "▁") }
        while tokens.count < Self.count {
            let left = parts[draw(below: parts.count)]
            let right = parts[draw(below: min(parts.count, 2000))]
            guard !right.hasPrefix("▁"), left.utf8.count + right.utf8.count <= 24 else { continue }
            if join(left, right) { parts.append(left + right) }
        }
    }

    private mutating func add(_ token: String) {
        guard ids.updateValue(tokens.count, forKey: ByteString(token)) == nil else {
            ids[ByteString(token)] = tokens.firstIndex { ByteString($0) == ByteString(token) }
            return
        }
        tokens.append(token)
    }

    /// False where the joined token is there already: each token is made in one way only.
    @discardableResult
    private mutating func join(_ left: String, _ right: String) -> Bool {
        guard ids[ByteString(left + right)] == nil else { return false }
        add(left + right)
        merges.append((left, right))
        return true
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    mutating func draw(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ word >> 31) % UInt64(bound))
    }

    /// `tokenizer.json`.
    func write(in folder: TemporaryFolder) throws {
        let vocabulary = tokens.enumerated().map { "\(JSON.string($1).serialized()):\($0)" }
        let pairs = merges.map { JSON.array([.string($0.0), .string($0.1)]).serialized() }
        try folder.put(
            """
            {"added_tokens":[],"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},\
            "pre_tokenizer":null,"post_processor":null,"model":{"type":"BPE","fuse_unk":true,"byte_fallback":true,\
            "vocab":{\(vocabulary.joined(separator: ",\n"))},"merges":[\(pairs.joined(separator: ",\n"))]}}
            """, "tokenizer.json")
    }
}

extension String {
    fileprivate init(character value: Int) {
        self = Unicode.Scalar(UInt32(value)).map { String($0) } ?? ""
    }
}
