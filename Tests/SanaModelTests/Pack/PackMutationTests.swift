import SanaModel
import Testing

/// Random damage with hashes that match it. What is accepted can be read; everything else is a clean error.
@Suite struct PackMutationTests {
    @Test(arguments: 0..<4 as Range<UInt64>) func aChangedTableIsRefusedOrSound(seed: UInt64) throws {
        let table = PackForge.sound.tableBytes
        try mutate(rounds: 600, seed: seed, of: table.count) { forge, place, byte in
            if forge.table == nil { forge.table = table }
            forge.table?[place] = byte
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func aChangedFrameIsRefusedOrSound(seed: UInt64) throws {
        // A real frame with Huffman-coded literals, and one with matches.
        let literals = noise(4096).map { $0 % 23 }
        let frames = try [
            (PackForge.Chunks.quantized, ChunkCodec.encode(literals, elementType: .i8)),
            (
                PackForge.Chunks.half,
                ChunkCodec.encode((0..<4096).map { UInt8($0 / 3 % 50) }, elementType: .f16)
            ),
        ]
        let count = frames.reduce(0) { $0 + $1.1.storedSize }
        try mutate(rounds: 600, seed: seed, of: count) { forge, place, byte in
            var start = 0
            for (index, chunk) in frames {
                if forge.chunks[index].data.count != chunk.storedSize {
                    forge.chunks[index].data = chunk.bytes
                    forge.chunks[index].hash = 0
                }
                if (start..<start + chunk.storedSize).contains(place) {
                    forge.chunks[index].data[place - start] = byte
                }
                start += chunk.storedSize
            }
        }
    }

    /// Changes one to four bytes of `count` each round, mostly to values that are likely to hurt.
    private func mutate(
        rounds: Int, seed: UInt64, of count: Int, _ change: (inout PackForge, Int, UInt8) -> Void
    ) throws {
        let folder = PackFolder()
        let random = noise(rounds * 16, seed: seed + 11)
        for round in 0..<rounds {
            var draws = random[round * 16..<(round + 1) * 16]
            var forge = PackForge.sound
            for _ in 0...(draws.popFirst() ?? 0) % 4 {
                let place = (Int(draws.popFirst() ?? 0) << 8 | Int(draws.popFirst() ?? 0)) % count
                let byte = draws.popFirst() ?? 0
                change(&forge, place, [0, 1, 0x7F, 0x80, 0xFF, byte, byte, byte][Int(byte & 7)])
            }
            let path = folder.write(forge.bytes)
            do {
                let archive = try PackArchive(path: path)
                try archive.verify { _ in }
                for tensor in archive.tensors { _ = try archive.values(tensor) }
            } catch {
                #expect((error as? any Failure)?.exitCode == .badInput)
            }
        }
    }
}
