import SanaEdge
import SanaModel
import TestSupport
import Testing

/// What Python 3.11's `lower().strip()` makes of prompts (calibration/goldens/tokenizer.py).
@Suite struct PromptTextTests {
    @Test func promptsAreNormalizedAsPythonDoes() throws {
        let cases = try #require(try Fixtures.json("tokenizer/prompt-text.json")["cases"]?.arrayValue)
        #expect(cases.count == 200)
        for entry in cases {
            let text = try #require(entry["text"]?.stringValue)
            let expected = try #require(entry["normalized"]?.stringValue)
            #expect(ByteString(PromptText.normalized(text)) == ByteString(expected), "\(quoted(text))")
        }
    }

    @Test func everyScalarIsNormalizedAsPythonDoes() throws {
        let hashes = try #require(try Fixtures.json("tokenizer/prompt-text.json")["hashes"]?.arrayValue)
        #expect(hashes.count == 6 * 68)
        for entry in hashes {
            let template = try #require(entry["template"]?.stringValue)
            let start = try #require(entry["start"]?.intValue)
            let end = try #require(entry["end"]?.intValue)
            let parts = template.split(separator: "{}", omittingEmptySubsequences: false).map(String.init)
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for scalar in (start..<end).compactMap({ Unicode.Scalar(UInt32($0)) }) {
                for byte in Array(PromptText.normalized(parts.joined(separator: String(scalar))).utf8) + [
                    0xFF
                ] {
                    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
                }
            }
            let expected = try #require(entry["hash"]?.stringValue.flatMap { UInt64($0, radix: 16) })
            #expect(hash == expected, "\(template) from \(start)")
        }
    }

    @Test(arguments: [
        ("", ""), (" \t\n", ""), ("  A Cat\u{3000}", "a cat"), ("\u{130}stanbul", "i\u{307}stanbul"),
        ("\u{3a3}\u{391}\u{3a3}", "\u{3c3}\u{3b1}\u{3c2}"), ("\u{1c}a\u{1f}", "a"),
        ("\u{200b}a", "\u{200b}a"),
        ("\0A\0", "\0a\0"), ("E\u{301}\u{c9}", "e\u{301}\u{e9}"),
    ])
    func knownPromptsAreNormalized(text: String, expected: String) {
        #expect(ByteString(PromptText.normalized(text)) == ByteString(expected))
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["\u{3a3}", "\u{3a3}'", " ", "\u{130}"])
    func aMegabyteOfAnythingTakesLinearTime(piece: String) {
        let text = "A" + String(repeating: piece, count: 1_000_000 / piece.utf8.count)
        #expect(PromptText.normalized(text).unicodeScalars.first == "a")
    }
}
