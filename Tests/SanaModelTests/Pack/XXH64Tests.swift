import SanaModel
import Testing

@Suite struct XXH64Tests {
    /// The xxHash project's own values for these texts.
    @Test(
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("message digest", 0x066E_D728_FCEE_B3BE), ("abcdefghijklmnopqrstuvwxyz", 0xCFE1_F278_FA89_835C),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0xAAA4_6907_D304_7814),
        ] as [(String, UInt64)])
    func knownTextsHaveTheirHashes(text: String, hash: UInt64) {
        #expect(XXH64.hash(Array(text.utf8)) == hash)
    }

    @Test func aSeedChangesTheHash() {
        var state = XXH64(seed: 2_654_435_761)
        state.update([])
        #expect(state.finish() == 0xAC75_FDA2_929B_17EF)
    }

    /// Cuts below, at and above a stripe of 32 bytes.
    @Test(arguments: [1, 3, 31, 32, 33, 64, 100, 255])
    func piecesHashLikeTheWhole(piece: Int) {
        let bytes = noise(1000)
        var state = XXH64()
        for start in stride(from: 0, to: bytes.count, by: piece) {
            state.update(Array(bytes[start..<min(start + piece, bytes.count)]))
        }
        #expect(state.finish() == XXH64.hash(bytes))
    }

    /// zstd writes the low half of the same hash behind its frames.
    @Test(arguments: Array(0...70) + [1000, 4096, 100_001])
    func everyLengthHashesLikeZstd(length: Int) throws {
        // Small enough values to be compressed, so that the chunk is stored as a frame.
        let bytes = noise(length + 512).map { $0 & 1 }
        let chunk = try ChunkCodec.encode(bytes, elementType: .i8)
        #expect(chunk.storedSize < bytes.count)
        let trailer = chunk.bytes.suffix(4)
        #expect(Array(trailer) == Array(littleEndianBytes(XXH64.hash(bytes)).prefix(4)))
    }
}
