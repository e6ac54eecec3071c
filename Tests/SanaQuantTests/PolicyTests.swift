import SanaModel
import SanaQuant
import Testing

@Suite struct PolicyTests {
    static let linear = TensorSpec(.transformer, "transformer_blocks.0.attn1.to_q.weight", [8, 8], .linear)
    static let bias = TensorSpec(.transformer, "proj_out.bias", [8], .vector)

    static func policy(_ rules: String) throws -> Policy {
        try Policy(yaml: "rules:\n" + rules, file: "test.yaml")
    }

    @Test func firstMatchWins() throws {
        let policy = try Self.policy(
            """
              - {match: "*.attn1.*", scheme: w8, reason: first}
              - {match: "*", scheme: f16, reason: second}
            """)
        let assignments = try policy.assign([Self.linear, Self.bias])
        #expect(assignments.map(\.scheme) == [.w8, .f16])
        #expect(assignments.map(\.reason) == ["first", "second"])
    }

    @Test func ruleMayNameSeveralPatterns() throws {
        let policy = try Self.policy("  - {match: [\"*.bias\", \"*.weight\"], scheme: f32}")
        #expect(try policy.assign([Self.linear, Self.bias]).map(\.scheme) == [.f32, .f32])
    }

    @Test func tensorThatNoRuleNamesIsAnError() throws {
        let policy = try Self.policy("  - {match: \"*.weight\", scheme: f16}")
        let error = #expect(throws: PolicyError.self) { try policy.assign([Self.linear, Self.bias]) }
        #expect(error?.exitCode == .badInput)
        #expect("\(try #require(error))".contains("transformer.proj_out.bias"))
    }

    @Test func schemeWithoutArithmeticIsAnErrorThatNamesRuleAndTensor() throws {
        let policy = try Self.policy("  - {match: \"*\", scheme: w8a8}")
        let error = #expect(throws: PolicyError.self) { try policy.assign([Self.bias]) }
        #expect(error?.exitCode == .badInput)
        let text = "\(try #require(error))"
        #expect(
            text.contains("line 2") && text.contains("transformer.proj_out.bias")
                && text.contains("f16 or f32"))
    }

    @Test func ruleThatMatchesNothingIsFine() throws {
        let policy = try Self.policy(
            "  - {match: \"vae.nothing\", scheme: w8a8}\n  - {match: \"*\", scheme: f16}")
        #expect(try policy.assign([Self.bias]).count == 1)
    }

    @Test func keepWinsOverEveryRule() throws {
        let policy = try Self.policy(
            "  - {match: \"*.weight\", scheme: w8a8}\n  - {match: \"*\", scheme: f16}")
        let keep = try #require(Glob("*.to_q.*"))
        let assignment = try #require(try policy.assign([Self.linear, Self.bias], keep: [keep]).first)
        #expect(assignment.scheme == .f16)
        #expect(assignment.reason == "--keep *.to_q.*")
    }

    @Test func keepThatMatchesNothingIsAUsageError() throws {
        let policy = try Self.policy("  - {match: \"*\", scheme: f16}")
        let keep = try #require(Glob("*.to_Q.*"))
        let error = #expect(throws: PolicyError.self) { try policy.assign([Self.linear], keep: [keep]) }
        #expect(error?.exitCode == .usage)
    }
}

@Suite struct PolicyFileTests {
    @Test(arguments: [
        ("", "no rules"),
        ("name: x", "no rules"),
        ("rules: []", "no rules"),
        ("rules: 3", "must be a list"),
        ("[1, 2]", "must be a mapping"),
        ("rules:\n  - {match: \"*\", scheme: f16, shceme: f16}", "\"shceme\""),
        ("rules:\n  - {match: \"*\", scheme: f16}\nextra: 1", "line 3, has an unknown key \"extra\""),
        ("rules:\n  - {scheme: f16}", "has no \"match\""),
        ("rules:\n  - {match: \"*\"}", "has no \"scheme\""),
        ("rules:\n\n  - {match: \"*\", scheme: int4}", "line 3, gives an unknown scheme \"int4\""),
        ("rules:\n  - {match: \"a[bc]\", scheme: f16}", "line 2, has a pattern \"a[bc]\""),
        ("rules:\n  - {match: [], scheme: f16}", "match must be"),
        ("rules:\n  - {match: {a: b}, scheme: f16}", "match must be"),
        ("rules:\n  - {match: \"*\", scheme: f16, reason: [a]}", "reason must be a text"),
        (
            "rules:\n  - match: *.weight\n    scheme: f16",
            "line 2, is not valid YAML: a pattern that begins with *"
        ),
        ("rules:\n  - {match: \"*\"", "is not valid YAML"),
        ("rules: []\nrules: []", "twice"),
        ("rules: &a [*a, *a]", "anchor"),
        ("rules: []\n---\nrules: []", "is not valid YAML"),
        (String(repeating: "[", count: 100_000), "is not valid YAML"),
        (String(repeating: "- ", count: 100_000), "is not valid YAML"),
    ])
    func damagedPolicyIsRefusedWithItsPlace(yaml: String, message: String) throws {
        let error = #expect(throws: PolicyError.self) { try Policy(yaml: yaml, file: "test.yaml") }
        #expect(error?.exitCode == .badInput)
        #expect("\(try #require(error))".contains(message))
    }

    @Test func ampersandInTextIsNoAnchor() throws {
        let yaml = "# R&D\nrules:\n  - {match: \"*\", scheme: f16, reason: norms & biases}"
        #expect(try Policy(yaml: yaml, file: "test.yaml").rules[0].reason == "norms & biases")
    }

    @Test func policyWithoutNameIsCalledByItsFile() throws {
        let rules = "rules:\n  - {match: \"*\", scheme: f16}"
        #expect(try Policy(yaml: rules, file: "mine.yaml").name == "mine.yaml")
        #expect(try Policy(yaml: "name: mine\n" + rules, file: "mine.yaml").name == "mine")
    }

    @Test func missingPolicyFileIsMissingInput() {
        let error = #expect(throws: (any Error).self) { try Policy(nameOrPath: "no/such/policy.yaml") }
        #expect((error as? any Failure)?.exitCode == .missingInput)
        #expect("\(error.map { "\($0)" } ?? "")".contains("none of edge, sana, fp16"))
    }

    @Test(arguments: Preset.allCases)
    func presetIsNamedAsItIsCalled(preset: Preset) throws {
        #expect(try Policy(nameOrPath: preset.rawValue).name == preset.rawValue)
    }
}
