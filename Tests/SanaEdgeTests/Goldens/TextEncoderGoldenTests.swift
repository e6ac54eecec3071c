import SanaEdge
import SanaModel
import TestSupport
import Testing

/// Prompts to tokens and hidden states, against transformers' Gemma-2 and diffusers' rules for prompts.
@Suite struct TextEncoderGoldenTests {
    /// Largest difference relative to the largest hidden state.
    static let tolerance: Float = 1e-4

    @Test func tokensAndSelectedRowsAreThoseOfDiffusers() throws {
        let tokenizer = try ReferencePack.tokenizer()
        let cases = try #require(try Fixtures.json("goldens/tokens.json")["cases"]?.arrayValue)
        #expect(cases.count > 10)
        for details in cases {
            let prompt = try #require(details["prompt"]?.stringValue)
            let instruction = details["instruction"]?.boolValue == true ? try Golden.instruction() : nil
            let found = try PromptTokens(
                prompt: Array(prompt.utf8), instruction: instruction, tokenizer: tokenizer)
            let expected = try #require(details["ids"]?.arrayValue).compactMap(\.intValue)
            #expect(found.tokens.map(Int.init) == expected, "\(prompt)")
            let positions = try #require(details["positions"]?.arrayValue).compactMap(\.intValue)
            let mask = try #require(details["mask"]?.arrayValue).compactMap(\.intValue)
            #expect(found.selectedRows == zip(positions, mask).filter { $0.1 == 1 }.map(\.0), "\(prompt)")
        }
    }

    @Test(arguments: Golden.cases(of: "text-encoder.safetensors"))
    func hiddenStatesAreThoseOfTransformers(_ name: String) throws {
        let golden = try Golden("text-encoder")
        let details = try #require(Golden.details(of: "text-encoder.safetensors")?["cases"]?[name])
        let prompt = try #require(details["prompt"]?.stringValue)
        let instruction = details["instruction"]?.boolValue == true ? try Golden.instruction() : nil
        let tokens = try PromptTokens(
            prompt: Array(prompt.utf8), instruction: instruction, tokenizer: try ReferencePack.tokenizer())
        let encoder = try TextEncoder(
            ReferencePack.reader(.fp16).configs.textEncoder, loader: ReferencePack.loader(.fp16, .textEncoder)
        )
        let hidden = try encoder.encode(tokens.tokens)

        let stride = try #require(details["stride"]?.intValue)
        #expect(tokens.selectedRows.count == details["rows"]?.intValue)
        let rows = tokens.selectedRows.enumerated().filter { $0.offset.isMultiple(of: stride) }.map(\.element)
        let values = hidden.array
        let found = rows.flatMap { values[$0 * hidden.columns..<($0 + 1) * hidden.columns] }
        #expect(largestDifference(found, try golden[name]) <= Self.tolerance)
    }
}
