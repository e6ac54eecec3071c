import SanaQuant
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*", "", true),
        ("*", "a.b.c", true),
        ("a", "a", true),
        ("a", "b", false),
        ("a", "ab", false),
        ("a*", "a", true),
        ("*a", "bca", true),
        ("*a", "ab", false),
        ("a*c", "abbc", true),
        ("a*c", "abcb", false),
        ("a*b*c", "a.b.b.c", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("?", "", false),
        ("*.to_k.weight", "transformer.transformer_blocks.11.attn2.to_k.weight", true),
        ("transformer.*.attn2.to_k.weight", "transformer.transformer_blocks.3.attn1.to_k.weight", false),
        ("vae.decoder.conv_out.weight", "vae.decoder.up_blocks.5.0.conv_out.weight", false),
        ("a**b", "ab", true),
    ])
    func starMatchesAnyRunAndQuestionMarkOneCharacter(pattern: String, name: String, matches: Bool) throws {
        let glob = try #require(Glob(pattern))
        #expect(glob.matches(name) == matches)
    }

    @Test(arguments: ["", "a[bc]", "a b", "{a,b}", "a/b", "ä", "a\\*", "a\0"])
    func patternThatCanMatchNoTensorIsRefused(pattern: String) {
        #expect(Glob(pattern) == nil)
    }

    @Test func manyStarsTakeNoExponentialTime() throws {
        let glob = try #require(Glob(String(repeating: "*a", count: 200) + "b"))
        #expect(!glob.matches(String(repeating: "a", count: 2000)))
    }
}
