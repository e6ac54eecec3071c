import SanaModel
import Testing

private typealias C = PackForge.Chunks

/// Hashes match in all of these: what the numbers may be is checked behind the hash.
@Suite struct PackValueTests {
    private static func chunk(_ owner: String, _ fault: ChunkFault) -> PackError {
        .chunk(path: "", owner: owner, index: 0, fault)
    }

    /// Places below, at and above the words that are looked at together, and at the end.
    @Test(arguments: [0, 1, 7, 8, 9, 63, 64, 4090, 4095])
    func minusOneHundredTwentyEightIsRefused(element: Int) throws {
        try Lie("", Self.chunk("q", .minusOneHundredTwentyEight(element: element))) {
            var values = [UInt8](repeating: 0x81, count: 4096)
            values[element] = 0x80
            $0.chunks[C.quantized] = .raw(values)
        }.isFoundOut()
    }

    @Test(arguments: [0x7C00, 0xFC00, 0x7C01, 0x7E00, 0xFFFF] as [UInt16], [0, 3, 4, 2047])
    func halfThatIsNotFiniteIsRefused(bits: UInt16, element: Int) throws {
        try Lie("", Self.chunk("h", .notFinite(element: element))) {
            var values = [UInt16](repeating: 0x7BFF, count: 2048)
            values[element] = bits
            $0.chunks[C.half] = .raw(values.flatMap { littleEndianBytes($0) })
        }.isFoundOut()
    }

    @Test(arguments: [0x7F80, 0xFF80, 0x7FC0, 0x7F81] as [UInt16], [0, 3, 4, 2047])
    func bfloatThatIsNotFiniteIsRefused(bits: UInt16, element: Int) throws {
        try Lie("", Self.chunk("h", .notFinite(element: element))) {
            var values = [UInt16](repeating: 0xFF7F, count: 2048)
            values[element] = bits
            $0.tensors[PackForge.Tensors.half].elementType = ElementType.bf16.rawValue
            $0.chunks[C.half] = .raw(values.flatMap { littleEndianBytes($0) })
        }.isFoundOut()
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, .signalingNaN], [0, 1, 2, 299, 599])
    func floatThatIsNotFiniteIsRefused(value: Float, element: Int) throws {
        try Lie("", Self.chunk("f", .notFinite(element: element))) {
            var values = [Float](repeating: -.greatestFiniteMagnitude, count: 600)
            values[element] = value
            $0.chunks[C.float] = .floats(values)
        }.isFoundOut()
    }

    @Test(
        arguments: [0, -1, .infinity, -.infinity, .leastNonzeroMagnitude, 1e38, 1e4, -0.0] as [Float], [0, 3])
    func scaleThatIsNoneIsRefused(value: Float, row: Int) throws {
        try Lie("", Self.chunk("q_scale", .scale(row: row, value))) {
            var values: [Float] = [1, 1, 1, 1]
            values[row] = value
            $0.chunks[C.scale] = .floats(values)
        }.isFoundOut()
    }

    @Test(arguments: [0, -1, 1e4] as [Float])
    func factorThatIsNoneIsRefused(value: Float) throws {
        try Lie("", Self.chunk("x.input_factors", .scale(row: 2, value))) {
            let tensor = PackForge.Tensors.float
            $0.tensors[tensor].name = Array("x.input_factors".utf8)
            var values = [Float](repeating: 1, count: 600)
            values[2] = value
            $0.chunks[C.float] = .floats(values)
            $0.chunks[C.lastFloat] = .floats([Float](repeating: 1, count: 300))
        }.isFoundOut()
    }

    @Test func scaleThatIsNaNIsRefused() throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.chunks[C.scale] = .floats([1, .nan, 1, 1])
        let archive = try PackArchive(path: folder.write(forge.bytes))
        let error = #expect(throws: PackError.self) { try archive.values(archive.tensors[1]) }
        guard case .chunk(_, "q_scale", 0, .scale(row: 1, _)) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func everyOtherValueIsAccepted() throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.chunks[C.quantized] = .raw(
            (0..<4096).map { $0 % 256 == 128 ? 0 : UInt8(truncatingIfNeeded: $0) })
        let halves = (0..<2048).map { UInt16($0 % 0x1F) << 10 | UInt16($0 % 2) << 15 }
        forge.chunks[C.half] = .raw(halves.flatMap { littleEndianBytes($0) })
        forge.chunks[C.scale] = .floats([.leastNormalMagnitude, 9999, 1, 1e-20])
        forge.chunks[C.float] = .floats([Float](repeating: .leastNonzeroMagnitude, count: 600))
        try PackArchive(path: folder.write(forge.bytes)).verify { _ in }
    }

    /// A row of zeros has scale 1.
    @Test func rowsOfZerosAreAccepted() throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.chunks[C.quantized] = .run(0, count: 4096)
        forge.chunks[C.scale] = .floats([1, 1, 1, 1])
        try PackArchive(path: folder.write(forge.bytes)).verify { _ in }
    }
}
