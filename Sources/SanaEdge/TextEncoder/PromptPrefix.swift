import SanaModel

/// What the text encoder makes of the tokens that every prompt behind the instruction begins with: computed once, when
/// the pack is made, with the pack's own weights.
///
/// The blob holds float32, little endian: the hidden state of the first token (width), then for each layer the keys
/// behind rotation and the values of all tokens, (tokens, key-value width) each.
package struct PromptPrefix: Sendable {
    package let tokens: [Int32]
    /// The hidden state of the first token: (width)
    package let firstState: [Float]
    private let columns: Int
    private let pack: PackReader

    /// Nil where the pack has none.
    package init?(_ pack: PackReader, instruction: [UInt8]?, tokenizer: Tokenizer) throws {
        guard pack.manifest.prefixTokens > 0, let instruction else { return nil }
        self.pack = pack
        columns = pack.configs.textEncoder.keyValueWidth
        tokens = Array(try tokenizer.encode(instruction).prefix(pack.manifest.prefixTokens))
        guard tokens.count == pack.manifest.prefixTokens else {
            throw PackError.manifest(
                path: pack.path, .outOfRange(key: "prefixTokens", expected: "0 to \(tokens.count)"))
        }
        firstState = try Self.floats(pack, 0..<4 * pack.configs.textEncoder.width)
    }

    /// How many tokens of an input need not be run: those that it shares with the prefix, up to the second one whose
    /// hidden state is wanted.
    package func reused(_ prompt: PromptTokens) -> Int {
        let most = prompt.selectedRows.dropFirst().first ?? prompt.tokens.count
        let shared = zip(prompt.tokens, tokens).prefix { $0 == $1 }.count
        return min(shared, most)
    }

    /// Keys and values of one layer: (tokens, key-value width) each.
    func keysValues(layer: Int) throws -> (keys: Matrix, values: Matrix) {
        let size = tokens.count * columns
        let first = 4 * (firstState.count + 2 * layer * size)
        let values = try Self.floats(pack, first..<first + 8 * size)
        return (
            Matrix(rows: tokens.count, columns: columns, Array(values[..<size])),
            Matrix(rows: tokens.count, columns: columns, Array(values[size...]))
        )
    }

    private static func floats(_ pack: PackReader, _ range: Range<Int>) throws -> [Float] {
        // Opening the pack has held the blob's size against the configuration.
        let bytes = try pack.blob(.prefixCache, range) ?? []
        let values = stride(from: 0, to: bytes.count, by: 4).map { start in
            let low = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
            let high = UInt32(bytes[start + 2]) | UInt32(bytes[start + 3]) << 8
            return Float(bitPattern: low | high << 16)
        }
        guard values.count == range.count / 4, values.allSatisfy(\.isFinite) else {
            throw PackError.blob(path: pack.path, .prefixCache, .notFinite)
        }
        return values
    }
}

extension PromptPrefix {
    /// Prompts whose first tokens are taken for those of any prompt.
    private static let probes = ["a", "1", "!", "the", " ", "\n", "é", "猫"]

    /// What the text encoder makes of an instruction, as the blob holds it, and of how many tokens; nil where prompts
    /// share none.
    ///
    /// - Parameter pack: has all tensors of the text encoder.
    package static func encoded(
        _ pack: PackReader, instruction: [UInt8], tokenizer: Tokenizer, on compute: Compute,
        step: (Int) throws -> Void = { _ in }
    ) throws -> (tokens: Int, bytes: [UInt8])? {
        let all = try tokenizer.encode(instruction)
        // The last token of the instruction is the first whose hidden state a picture needs.
        let most = all.count - 1
        let count = try probes.reduce(most) { count, probe in
            let tokens = try tokenizer.encode(instruction + Array(probe.utf8))
            return min(count, zip(all, tokens).prefix { $0 == $1 }.count)
        }
        let config = pack.configs.textEncoder
        let size = config.prefixByteCount(tokens: count)
        guard count > 0, size <= PackBlob.prefixCache.limit else { return nil }
        let encoder = try TextEncoder(
            config, loader: WeightLoader(pack: pack, compute: compute, component: .textEncoder),
            keeping: 0)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size - 4 * config.width)
        let states = try encoder.encode(
            [TextEncoderInput(Array(all[..<count]))],
            keep: { _, keys, values in bytes += littleEndian(keys) + littleEndian(values) }, step: step)
        return (count, littleEndian(states[0].rows(0..<1)) + bytes)
    }
}

private func littleEndian(_ matrix: Matrix) -> [UInt8] {
    matrix.array.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
}
