import SanaModel
import Testing

private typealias C = PackForge.Chunks

@Suite struct PackChunkTests {
    private static func listed(_ index: Int, _ fault: ChunkFault) -> PackError {
        .chunk(path: "", owner: "table of contents", index: index, fault)
    }
    private static func read(_ owner: String, _ fault: ChunkFault, index: Int = 0) -> PackError {
        .chunk(path: "", owner: owner, index: index, fault)
    }

    @Test(arguments: [
        Lie("no bytes", listed(0, .size(0))) { $0.chunks[0].size = 0 },
        Lie("4 MiB and a byte", listed(0, .size(4 << 20 + 1))) { $0.chunks[0].size = 4 << 20 + 1 },
        Lie("4 GiB", listed(0, .size(.max))) { $0.chunks[0].size = .max },
        Lie("no stored bytes", listed(0, .storedSize(0, size: 4096))) { $0.chunks[0].storedSize = 0 },
        Lie("stored larger than it is", listed(0, .storedSize(4096, size: 4096))) {
            $0.chunks[0].storedSize = 4096
        },
        Lie("2^32 - 1 stored bytes", listed(0, .storedSize(.max, size: 4096))) {
            $0.chunks[0].storedSize = .max
        },
        Lie("raw, and stored smaller", listed(C.scale, .storedSize(15, size: 16))) {
            $0.chunks[C.scale].storedSize = 15
        },
        Lie("raw, and stored larger", listed(C.scale, .storedSize(17, size: 16))) {
            $0.chunks[C.scale].storedSize = 17
        },
        Lie("codec 2", listed(0, .codec(2))) { $0.chunks[0].codec = 2 },
        Lie("filter 3", listed(0, .filter(3))) { $0.chunks[0].filter = 3 },
        Lie("two planes of int8", read("q", .filter(1))) { $0.chunks[C.quantized].filter = 1 },
        Lie("four planes of 16 bits", read("h", .filter(2))) { $0.chunks[C.half].filter = 2 },
        Lie("no planes of 16 bits", read("h", .filter(0))) { $0.chunks[C.half].filter = 0 },
        Lie("planes of raw elements", read("f", .filter(2), index: 1)) { $0.chunks[C.lastFloat].filter = 2 },
        Lie("planes of a blob of odd size", read("licence", .filter(1))) {
            $0.chunks[C.licence] = .run(1, count: 4001, filter: 1)
            $0.blobs[1].size = 4001
        },
    ])
    func aLieAboutAChunkIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [
        Lie("no frame", read("q", .notZstd)) { $0.chunks[0].data = [UInt8](repeating: 1, count: 40) },
        Lie("five bytes", read("q", .notZstd)) { $0.chunks[0].data = [0x28, 0xB5, 0x2F, 0xFD, 0x24] },
        Lie("a skippable frame", read("q", .notZstd)) {
            $0.chunks[0].data =
                littleEndianBytes(0x184D_2A50 as UInt32) + littleEndianBytes(4 as UInt32) + [1, 2, 3, 4]
        },
        Lie("a frame of zstd 0.7", read("q", .notZstd)) {
            $0.chunks[0].frame(3, count: 4096) { $0.magic = 0xFD2F_B527 }
        },
        Lie("a dictionary", read("q", .dictionary)) {
            $0.chunks[0].frame(3, count: 4096) { $0.dictionary = 7 }
        },
        Lie("no checksum", read("q", .noChecksum)) {
            $0.chunks[0].frame(3, count: 4096) { $0.hasChecksum = false }
        },
        Lie("a reserved bit", read("q", .noChecksum)) {
            $0.chunks[0].frame(3, count: 4096) { $0.reservedBit = true }
        },
        Lie("a window of 16 MiB", read("q", .window(bytes: 16 << 20))) {
            $0.chunks[0].frame(3, count: 4096) { $0.window = 14 << 3 }
        },
        Lie("a window of 3.75 TiB", read("q", .window(bytes: 15 << 38))) {
            $0.chunks[0].frame(3, count: 4096) { $0.window = 0xFF }
        },
        Lie("content of unknown size", read("q", .contentSize(claimed: nil, expected: 4096))) {
            $0.chunks[0].frame(3, count: 4096) { ($0.contentSize, $0.window) = (nil, 10 << 3) }
        },
        Lie("a frame that claims 4 GiB", read("q", .contentSize(claimed: 4 << 30, expected: 4096))) {
            $0.chunks[0].frame(3, count: 4096) { $0.contentSize = 4 << 30 }
        },
        Lie("a frame that claims less", read("q", .contentSize(claimed: 4095, expected: 4096))) {
            $0.chunks[0].frame(3, count: 4096) { $0.contentSize = 4095 }
        },
        Lie("a sound frame of a byte less", read("q", .contentSize(claimed: 4095, expected: 4096))) {
            $0.chunks[0].frame(3, count: 4095) { _ in }
        },
        Lie("a sound frame of a byte more", read("q", .contentSize(claimed: 4097, expected: 4096))) {
            $0.chunks[0].frame(3, count: 4097) { _ in }
        },
        Lie("two frames", read("q", .frameSize(found: 21, expected: 42))) {
            $0.chunks[0].data += $0.chunks[0].data
        },
        Lie(
            "two frames that hold the content together",
            read("q", .contentSize(claimed: 2048, expected: 4096))
        ) {
            $0.chunks[0].data = ForgedFrame(3, count: 2048).bytes + ForgedFrame(3, count: 2048).bytes
        },
        Lie("a skippable frame behind", read("q", .frameSize(found: 21, expected: 30))) {
            $0.chunks[0].data +=
                littleEndianBytes(0x184D_2A5E as UInt32) + littleEndianBytes(1 as UInt32) + [0]
        },
        Lie("a byte behind", read("q", .frameSize(found: 21, expected: 22))) { $0.chunks[0].data.append(0) },
        Lie("another content", read("q", .hash)) { $0.chunks[0].frame(4, count: 4096) { _ in } },
        Lie("another content, raw", read("f", .hash)) { $0.chunks[C.float].data[17] ^= 1 },
        Lie("another hash", read("h", .hash)) { $0.chunks[C.half].hash ^= 1 << 63 },
        Lie("another licence", read("licence", .hash)) { $0.chunks[C.licence].data = Array("flee".utf8) },
    ])
    func aLieInAFrameIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [
        "truncated", "wrong checksum", "reserved block", "block too large", "holds more than it says",
        "holds less than it says", "planes that hold less",
    ])
    func aFrameThatZstdRefusesIsFoundOut(title: String) throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.chunks[0].frame(3, count: 4096) { frame in
            switch title {
            case "wrong checksum": frame.checksum ^= 1
            case "reserved block": frame.blocks.insert(.reserved, at: 0)
            case "block too large": frame.blocks = [.run(3, count: 1 << 20)]
            case "holds more than it says": frame.blocks.append(.run(3, count: 1))
            case "holds less than it says": frame.blocks = [.run(3, count: 4095)]
            default: break
            }
        }
        if title == "truncated" { forge.chunks[0].data.removeLast() }
        if title == "planes that hold less" {
            forge.chunks[C.half].frame(0x11, count: 4096) { $0.blocks = [.run(0x11, count: 2048)] }
        }
        let archive = try PackArchive(path: folder.write(forge.bytes))
        let error = #expect(throws: PackError.self) { try archive.verify { _ in } }
        guard case .chunk(_, _, 0, .zstd) = error else {
            Issue.record("expected zstd to refuse it, found \(String(describing: error))")
            return
        }
        #expect(error?.exitCode == .badInput)
    }

    /// A few hundred bytes that claim a gigabyte: nothing but the chunk at hand is ever in memory.
    @Test func aBombIsReadChunkByChunk() throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        let count = 256
        let bomb = PackForge.Chunk.run(1, count: 4 << 20)
        forge.tensors.append(
            PackForge.Tensor(
                name: Array("bomb".utf8), scheme: 1, elementType: 4, dimensionCount: 2, scale: 5,
                shape: [UInt64(count), 4 << 20], byteCount: UInt64(count) << 22, firstChunk: 5,
                chunkCount: UInt32(count)))
        forge.tensors.append(
            PackForge.Tensor(
                name: Array("bomb_scale".utf8), scheme: 4, elementType: 1, dimensionCount: 1,
                shape: [UInt64(count)], byteCount: UInt64(4 * count), firstChunk: UInt32(5 + count),
                chunkCount: 1))
        let scales = PackForge.Chunk.floats([Float](repeating: 1, count: count))
        forge.chunks.insert(contentsOf: [PackForge.Chunk](repeating: bomb, count: count) + [scales], at: 5)
        forge.blobs[0].firstChunk += UInt32(count + 1)
        forge.blobs[1].firstChunk += UInt32(count + 1)
        let bytes = forge.bytes
        #expect(bytes.count < 1 << 17)
        let archive = try PackArchive(path: folder.write(bytes))
        try archive.verify { _ in }
    }
}
