import SanaModel
import TestSupport
import Testing

@Suite struct TokenizerBlobTests {
    private let tables: TokenizerTables
    private let blob: [UInt8]

    init() throws {
        let folder = try TestSupport.TemporaryFolder()
        var forge = TokenizerForge()
        forge.addedTokens.append(TokenizerForge.added("<new>", id: 10, normalized: true))
        try forge.write(in: folder)
        tables = try TokenizerTables(folder: folder.path)
        blob = tables.encoded()
    }

    private func replaced(_ word: Int, by value: UInt32) -> [UInt8] {
        var damaged = blob
        for index in 0..<4 {
            damaged[4 * word + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
        }
        return damaged
    }

    @Test func tablesAreReadBackAsTheSame() throws {
        #expect(try TokenizerTables(blob: blob) == tables)
        let reference = try TokenizerTables(folder: "\(Fixtures.referenceModel)/tokenizer")
        #expect(try TokenizerTables(blob: reference.encoded()) == reference)
    }

    @Test func everyTruncationAndExtensionIsRejected() {
        for length in 0..<blob.count {
            #expect(throws: TokenizerError.self) { try TokenizerTables(blob: Array(blob[..<length])) }
        }
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: blob + [0]) }
    }

    /// Every number of the header as a claim of its own, before anything is allocated by it.
    @Test(arguments: 0..<8, [12, 13, 1 << 10, 1 << 20, 1 << 24, 1 << 31, UInt32.max])
    func aWrongCountIsRejected(word: Int, value: UInt32) {
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: replaced(word, by: value)) }
    }

    @Test(arguments: 8..<12, [11, 1 << 20, 1 << 31])
    func aRoleOutOfRangeIsRejected(word: Int, value: UInt32) {
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: replaced(word, by: value)) }
    }

    @Test func anUnknownTokenOutsideTheVocabularyIsRejected() {
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: replaced(8, by: 10)) }
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: replaced(8, by: .max)) }
    }

    @Test(arguments: [0, 4, 6, 100, 1025, UInt32.max])
    func aWrongLengthOfATokenIsRejected(value: UInt32) {
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: replaced(12, by: value)) }
    }

    @Test func textThatIsNotUTF8IsRejected() {
        var damaged = blob
        damaged[4 * (12 + 11)] = 0xFF
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: damaged) }
    }

    @Test func aTokenThatIsThereTwiceIsRejected() throws {
        var damaged = blob
        // "<pad><eos>…" becomes "<eos><eos>…".
        damaged.replaceSubrange(4 * (12 + 11)..<4 * (12 + 11) + 5, with: Array("<eos>".utf8))
        #expect(throws: TokenizerError.self) { try TokenizerTables(blob: damaged) }
    }

    @Test func anyByteMayBeWrong() throws {
        for position in blob.indices {
            for flip: UInt8 in [0x01, 0x08, 0x80, 0xFF] {
                var damaged = blob
                damaged[position] ^= flip
                if let other = try? TokenizerTables(blob: damaged) { #expect(other.encoded() == damaged) }
            }
        }
    }
}
