import SanaEdge
import SanaModel
import TestSupport
import Testing

/// The instruction's keys and values, computed when the pack is made, against the instruction run with each prompt.
@Suite struct PromptPrefixTests {
    /// Largest difference relative to the largest hidden state.
    static let tolerance: Float = 1e-5

    @Test(
        arguments: [ReferencePack.fp16WithInstruction, .edgeWithInstruction],
        [
            "a red circle", "", "Ünïcode 猫", "  spaces  ",
            "a very long prompt of many words, " + "and more words ",
        ]
    ) func hiddenStatesWithThePrefixAreThoseWithout(_ pack: ReferencePack, _ prompt: String) throws {
        let reader = try ReferencePack.reader(pack)
        let tokenizer = try ReferencePack.tokenizer()
        let instruction = try #require(try reader.blob(.instruction))
        let prefix = try #require(
            try PromptPrefix(reader, instruction: instruction, tokenizer: tokenizer))
        let prompt = try PromptTokens(
            prompt: Array(prompt.utf8), instruction: instruction, tokenizer: tokenizer)
        let reused = prefix.reused(prompt)
        // All tokens of the instruction but those that a prompt may change.
        let all = try tokenizer.encode(instruction).count
        #expect(reused >= all - 2 && reused < prompt.selectedRows[1] + 1)

        let encoder = try TextEncoder(
            reader.configs.textEncoder, loader: ReferencePack.loader(pack, .textEncoder))
        let whole = try encoder.encode(prompt.tokens)
        let behind = try encoder.encode([TextEncoderInput(prompt.tokens, reused: reused)], behind: prefix)[0]
        #expect(behind.rows == prompt.tokens.count - reused)
        #expect(
            largestDifference(behind.array, whole.rows(reused..<whole.rows).array) <= Self.tolerance)
        #expect(largestDifference(prefix.firstState, whole.rows(0..<1).array) <= Self.tolerance)
    }

    @Test func aNegativePromptSharesTheFirstToken() throws {
        let reader = try ReferencePack.reader(.fp16WithInstruction)
        let tokenizer = try ReferencePack.tokenizer()
        let prefix = try #require(
            try PromptPrefix(reader, instruction: try reader.blob(.instruction), tokenizer: tokenizer))
        let empty = try PromptTokens(prompt: [], instruction: nil, tokenizer: tokenizer)
        #expect(empty.tokens.count == 1 && prefix.reused(empty) == 1)
        let blurry = try PromptTokens(prompt: Array("blurry".utf8), instruction: nil, tokenizer: tokenizer)
        #expect(prefix.reused(blurry) == 1)
    }

    @Test func aPackWithoutAnInstructionHasNoPrefix() throws {
        let reader = try ReferencePack.reader(.fp16)
        #expect(reader.manifest.prefixTokens == 0 && reader.size(of: .prefixCache) == nil)
        #expect(
            try PromptPrefix(reader, instruction: nil, tokenizer: ReferencePack.tokenizer()) == nil)
    }
}
