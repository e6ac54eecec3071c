import SanaEdge
import SanaModel
import TestSupport
import Testing

@Suite struct TokenizerTests {
    private static let vocabulary = GeneratedVocabulary(seed: 1)
    private static let generated = Result {
        let folder = try TemporaryFolder()
        try vocabulary.write(in: folder)
        return Tokenizer(try TokenizerTables(folder: folder.path))
    }

    private let vocabulary: GeneratedVocabulary
    private let tokenizer: Tokenizer

    init() throws {
        vocabulary = Self.vocabulary
        tokenizer = try Self.generated.get()
    }

    private func id(_ token: String) throws -> Int32 {
        Int32(try #require(vocabulary.ids[ByteString(token)]))
    }

    @Test func aVocabularyOfGemmasSizeIsReadAndStoredWhole() throws {
        #expect(tokenizer.tables.idCount == GeneratedVocabulary.count)
        #expect(tokenizer.tables.merges.count == vocabulary.merges.count)
        #expect(try TokenizerTables(blob: tokenizer.tables.encoded()) == tokenizer.tables)
    }

    @Test(arguments: [
        ("\u{e9}", "e\u{301}"), ("\u{c5}", "\u{212b}"), ("\u{c5}", "A\u{30a}"), ("K", "\u{212a}"),
        ("\u{ac00}", "\u{1100}\u{1161}"), ("\u{d558}", "\u{1112}\u{1161}"),
    ])
    func canonicallyEquivalentTextsHaveIDsOfTheirOwn(first: String, second: String) throws {
        #expect(first == second, "Swift holds the two to be equal")
        let ids = try tokenizer.encode(first)
        #expect(try ids == [id(first)])
        #expect(try tokenizer.encode(second) != ids)
        if vocabulary.ids[ByteString(second)] != nil {
            #expect(try tokenizer.encode(second) == [id(second)])
        }
    }

    @Test func everyTokenOfOneCharacterIsItself() throws {
        for (id, token) in vocabulary.tokens.enumerated() where token.unicodeScalars.count == 1 {
            #expect(try tokenizer.encode(token) == [Int32(id)])
        }
    }

    @Test func whatTheVocabularyLacksBecomesBytes() throws {
        #expect(try tokenizer.encode("\u{1F600}") == ["F0", "9F", "98", "80"].map { try id("<0x\($0)>") })
        #expect(try tokenizer.encode("\n\0") == ["0A", "00"].map { try id("<0x\($0)>") })
        #expect(try tokenizer.encode("   ") == [id("▁▁▁")])
    }

    @Test func stretchesGiveTheIDsOfTheWholeText() throws {
        var draws = vocabulary
        let oracle = PlainMerging(vocabulary)
        let pieces = [
            " ", "  ", "a", "e", "e\u{301}", "\u{e9}", "\u{1100}\u{1161}", "\u{d558}", "K", "\u{1F600}", "\n",
        ]
        for _ in 0..<300 {
            var text = ""
            for _ in 0..<draws.draw(below: 40) {
                let choice = draws.draw(below: 3)
                if choice == 0 {
                    text += pieces[draws.draw(below: pieces.count)]
                } else if choice == 1 {
                    text += vocabulary.tokens[300 + draws.draw(below: vocabulary.tokens.count - 300)]
                } else {
                    text.unicodeScalars.append(Unicode.Scalar(UInt8(97 + draws.draw(below: 26))))
                }
            }
            #expect(try tokenizer.encode(text) == oracle.encode(text), "\(quoted(text))")
        }
    }

    @Test func aLimitGivesTheFirstIDsOfAll() throws {
        let text = String(repeating: "the quick  brown fox e\u{301} \u{1F600}\n", count: 50)
        let ids = try tokenizer.encode(text)
        for limit in [-1, 0, 1, 2, 7, 100, ids.count - 1, ids.count, ids.count + 1, .max] {
            #expect(try tokenizer.encode(text, limit: limit) == Array(ids.prefix(max(0, limit))))
        }
    }

    @Test(arguments: [[0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80]])
    func textThatIsNotUTF8IsRejected(bytes: [UInt8]) {
        #expect(throws: PromptError.invalidUTF8) { try tokenizer.encode(bytes) }
    }

    @Test func textBeyondTheLimitIsRejected() {
        let count = Tokenizer.textLimit + 1
        #expect(throws: PromptError.tooLong(bytes: count, limit: Tokenizer.textLimit)) {
            try tokenizer.encode([UInt8](repeating: 0x61, count: count))
        }
    }

    /// Ten megabytes in shapes that merge everywhere, nowhere and in one long stretch.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: ["a", " ", "\u{1F600}", "a photo of a cat "])
    func tenMegabytesOfAnythingAreEncoded(piece: String) throws {
        let text = Array(String(repeating: piece, count: 10_000_000 / piece.utf8.count).utf8)
        #expect(try tokenizer.encode(text, limit: 300).count == 300)
    }
}

/// Byte-pair encoding as it is defined, one merge of the whole text after the other.
private struct PlainMerging {
    private let ids: [ByteString: Int]
    private var ranks: [[Int]: (rank: Int, result: Int)] = [:]

    init(_ vocabulary: GeneratedVocabulary) {
        ids = vocabulary.ids
        for (rank, (left, right)) in vocabulary.merges.enumerated() {
            guard let result = ids[ByteString(left + right)], let left = ids[ByteString(left)],
                let right = ids[ByteString(right)]
            else { continue }
            ranks[[left, right]] = (rank, result)
        }
    }

    func encode(_ text: String) -> [Int32] {
        var tokens: [Int] = []
        for scalar in text.unicodeScalars {
            if let id = ids[ByteString(scalar == " " ? "▁" : String(scalar))] {
                tokens.append(id)
            } else {
                // Byte tokens follow the five special ones.
                tokens += UTF8.encode(scalar)?.map { 5 + Int($0) } ?? []
            }
        }
        while true {
            var best: (rank: Int, result: Int)?
            var place = 0
            for index in tokens.indices.dropLast() {
                if let merge = ranks[[tokens[index], tokens[index + 1]]], merge.rank < best?.rank ?? .max {
                    best = merge
                    place = index
                }
            }
            guard let best else { return tokens.map(Int32.init) }
            tokens[place] = best.result
            tokens.remove(at: place + 1)
        }
    }
}
