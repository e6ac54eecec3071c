import SanaModel
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct PackWriterTests {
    /// Whole chunks, a last one with fewer rows, rows of every length.
    @Test(arguments: [
        (Scheme.w8a8, ElementType.i8, [2500, 1000]), (.w8, .i8, [1, 1]), (.w8, .i8, [3, 1 << 20]),
        (.f16, .f16, [700, 3, 501]), (.f16, .bf16, [1_048_577]), (.f16, .f16, [1]), (.f32, .f32, [300_001]),
        (.f32, .f32, [2, 2, 2, 2, 2]), (.f32, .f32, [2, 1 << 20]),
    ])
    func whatIsWrittenIsRead(scheme: Scheme, type: ElementType, shape: [Int]) throws {
        let folder = PackFolder()
        let values = sampleValues(type, count: shape.reduce(1, *))
        let writer = try PackWriter(target: "\(folder.path)/t.sanaq", overwrite: false)
        try writer.write("t", scheme, type, shape, values)
        try writer.add(.manifest, [0x7B, 0x7D])
        let size = try writer.finish()

        let archive = try PackArchive(path: "\(folder.path)/t.sanaq")
        #expect(archive.fileSize == size)
        let tensor = try #require(archive.tensor("t"))
        #expect((tensor.scheme, tensor.elementType) == (scheme, type) && tensor.shape == shape)
        #expect(tensor.byteCount == values.count)
        #expect(try archive.values(tensor) == values)
        var row = 0
        for index in 0..<tensor.chunkCount {
            let rows = tensor.rows(ofChunk: index)
            #expect(rows.lowerBound == row && !rows.isEmpty)
            let bytes = values[rows.lowerBound * tensor.rowBytes..<rows.upperBound * tensor.rowBytes]
            #expect(try archive.chunk(tensor, index) == Array(bytes))
            #expect(bytes.count <= max(ChunkPlan.targetSize, tensor.rowBytes))
            row = rows.upperBound
        }
        #expect(row == shape[0])
        if scheme.isQuantized {
            let scale = try #require(archive.tensor("t_scale"))
            #expect(scale.isScale && scale.shape == [shape[0]] && tensor.scaleIndex == 1)
            #expect(
                try archive.values(scale)
                    == (0..<shape[0]).flatMap { _ in littleEndianBytes(Float(0.5).bitPattern) })
        }
        var last = 0.0
        try archive.verify { last = $0 }
        #expect(last == 1)
    }

    @Test func blobsOfAnySizeAreRead() throws {
        let folder = PackFolder()
        let writer = try PackWriter(target: "\(folder.path)/t.sanaq", overwrite: false)
        let cache = noise(3 << 20 + 5)
        try writer.add(.prefixCache, cache)
        try writer.add(.manifest, [1])
        try writer.add(.instruction, [])
        _ = try writer.finish()
        let archive = try PackArchive(path: "\(folder.path)/t.sanaq")
        #expect(try archive.blob(.prefixCache) == cache)
        #expect(try archive.blob(.manifest) == [1])
        #expect(try archive.blob(.instruction) == nil)
        #expect(archive.tensors.isEmpty)
    }

    @Test func theSameInputMakesTheSameBytes() throws {
        let folder = PackFolder()
        try TinyPack().write(in: folder, as: "one")
        try TinyPack().write(in: folder, as: "two")
        #expect(try folder.read("one") == folder.read("two"))
    }

    @Test func threadsEncodeTheSameBytes() async throws {
        let inputs = (1...24).map { sampleValues(.f16, count: 50_000, seed: UInt64($0)).map { $0 & 0x77 } }
        let alone = try inputs.map { try ChunkCodec.encode($0, elementType: .f16).bytes }
        let together = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, input) in inputs.enumerated() {
                group.addTask { (index, try ChunkCodec.encode(input, elementType: .f16).bytes) }
            }
            return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
        }
        #expect(inputs.indices.allSatisfy { together[$0] == alone[$0] })
    }

    /// What `edge` makes of a 0.6B transformer: 85 % of its weights int8, the others 16 bits. Normal,
    /// deviation 0.02.
    @Test func anEdgePackOfNormalWeightsTakesAtMost54Percent() throws {
        let columns = 1152
        let rows = ChunkPlan.rowsPerChunk(rowBytes: columns)
        let weights = normals(rows * columns)
        var quantized: [UInt8] = []
        for row in 0..<rows {
            let values = weights[row * columns..<(row + 1) * columns]
            let largest = values.map(abs).max() ?? 1
            quantized += values.map {
                UInt8(bitPattern: Int8(($0 * 127 / largest).rounded(.toNearestOrEven)))
            }
        }
        let halves = weights[..<(rows * columns / 2)].flatMap { littleEndianBytes(Float16($0).bitPattern) }
        let int8 = try ChunkCodec.encode(quantized, elementType: .i8)
        let half = try ChunkCodec.encode(halves, elementType: .f16)
        let perWeight =
            0.85 * Double(int8.storedSize) / Double(int8.size) + 0.15 * 2 * Double(half.storedSize)
            / Double(half.size)
        #expect(perWeight / 2 < 0.54)
    }

    @Test func aChunkThatSavesLessThanThreePercentIsStoredRaw() throws {
        let random = try ChunkCodec.encode(noise(100_000), elementType: .i8)
        #expect(random.storedSize == random.size)
        // 3 of 4 bytes of each element are noise, the fourth is zero.
        var floats = noise(100_000)
        for index in stride(from: 3, to: floats.count, by: 4) { floats[index] = 0 }
        #expect(try ChunkCodec.encode(floats, elementType: .f32).storedSize < 76_000)
        #expect(try ChunkCodec.encode(floats, elementType: .i8).storedSize > 80_000)
    }

    @Test func whatNoPackCanHoldIsRefused() throws {
        let folder = PackFolder()
        let writer = try PackWriter(target: "\(folder.path)/t.sanaq", overwrite: false)
        func expect(_ expected: PackWriteError, _ body: () throws -> Void) {
            let error = #expect(throws: PackWriteError.self, performing: body)
            #expect(error == expected)
            #expect(error?.description.hasSuffix(".") == true)
        }
        expect(.noTensor) { try writer.append(try ChunkCodec.encode([1], elementType: .i8)) }
        expect(.noTensor) { try writer.end() }
        expect(.name("a/b")) { try writer.begin("a/b", .f32, .f32, [1]) }
        expect(.name("")) { try writer.begin("", .f32, .f32, [1]) }
        expect(.scheme(name: "a", .w8, .f16)) { try writer.begin("a", .w8, .f16, [1, 1]) }
        expect(.scheme(name: "b", .w8, .i8)) { try writer.begin("b", .w8, .i8, [4]) }
        expect(.shape(name: "c", [])) { try writer.begin("c", .f32, .f32, []) }
        expect(.shape(name: "d", [0])) { try writer.begin("d", .f32, .f32, [0]) }
        expect(.shape(name: "e", [1, -1])) { try writer.begin("e", .f32, .f32, [1, -1]) }
        expect(.shape(name: "f", [.max, 2])) { try writer.begin("f", .f32, .f32, [.max, 2]) }
        expect(.shape(name: "g", [1, 1 << 20 + 1])) { try writer.begin("g", .f32, .f32, [1, 1 << 20 + 1]) }
        expect(.chunkSize(0)) { _ = try ChunkCodec.encode([], elementType: .i8) }
        expect(.chunkSize(3)) { _ = try ChunkCodec.encode([1, 2, 3], elementType: .f16) }
        expect(.chunkSize(4 << 20 + 1)) {
            _ = try ChunkCodec.encode([UInt8](repeating: 0, count: 4 << 20 + 1), elementType: .i8)
        }

        try writer.begin("h", .w8, .i8, [2, 3])
        expect(.unfinished(name: "h")) { try writer.begin("i", .f32, .f32, [1]) }
        expect(.unfinished(name: "h")) { try writer.end(scales: [1, 1]) }
        expect(.unfinished(name: "h")) { _ = try writer.finish() }
        expect(.chunk(name: "h", found: 3, expected: 6)) {
            try writer.append(try ChunkCodec.encode([1, 2, 3], elementType: .i8))
        }
        expect(.chunk(name: "h", found: 6, expected: 6)) {
            try writer.append(try ChunkCodec.encode([1, 2, 3, 4, 5, 6], elementType: .f16))
        }
        try writer.append(try ChunkCodec.encode([1, 2, 3, 4, 5, 6], elementType: .i8))
        expect(.chunk(name: "h", found: 1, expected: 0)) {
            try writer.append(try ChunkCodec.encode([1], elementType: .i8))
        }
        expect(.scaleCount(name: "h", found: 1)) { try writer.end(scales: [1]) }
        expect(.scale(name: "h", row: 1, 0)) { try writer.end(scales: [1, 0]) }
        expect(.scale(name: "h", row: 0, 1e4)) { try writer.end(scales: [1e4, 1]) }
        try writer.end(scales: [1, 1])
        expect(.name("h")) { try writer.begin("h", .f32, .f32, [1]) }
        expect(.name("h_scale")) { try writer.begin("h_scale", .f32, .f32, [1]) }
        expect(.noManifest) { _ = try writer.finish() }
        try writer.add(.manifest, [1])
        expect(.blobTwice(.manifest)) { try writer.add(.manifest, [1]) }
        expect(.blobSize(.instruction, found: 1 << 20 + 1, limit: 1 << 20)) {
            try writer.add(.instruction, [UInt8](repeating: 0x20, count: 1 << 20 + 1))
        }
        #expect(folder.names.count == 1 && !folder.names.contains("t.sanaq"))
        writer.abandon()
        #expect(folder.names.isEmpty)
        #expect(throws: OutputError.abandoned(path: "\(folder.path)/t.sanaq")) { _ = try writer.finish() }
        #expect(folder.names.isEmpty)
    }

    /// Normal numbers of deviation 0.02, by Box and Muller.
    private func normals(_ count: Int) -> [Float] {
        let words = noise(8 * count, seed: 3)
        func uniform(_ start: Int) -> Double {
            let word = words[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
            return (Double(word) + 0.5) / 4_294_967_296
        }
        return (0..<count).map { index in
            let radius = (-2 * log(uniform(8 * index))).squareRoot()
            return Float(0.02 * radius * cos(2 * Double.pi * uniform(8 * index + 4)))
        }
    }
}
