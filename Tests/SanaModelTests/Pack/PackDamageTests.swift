import SanaModel
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whatever happens to a sound pack is noticed when it is opened or verified.
@Suite struct PackDamageTests {
    @Test func everyTruncationIsRefused() throws {
        let folder = PackFolder()
        let path = try TinyPack().write(in: folder)
        let size = try PackReader(path: path).fileSize
        for length in stride(from: size - 1, through: 0, by: -1) {
            unsafe #expect(truncate(path, length) == 0)
            let error = failure(of: path)
            #expect(error?.exitCode == .badInput, "cut to \(length) of \(size) bytes")
            if error == nil { break }
        }
    }

    /// One bit in each byte, another one each time.
    @Test func aFlippedBitInAnyByteIsFound() throws {
        let folder = PackFolder()
        let path = try TinyPack().write(in: folder)
        try expectFlipsToBeFound(folder, path, every: 1)
    }

    @Test func aFlippedBitInAnyKibibyteOfALargerPackIsFound() throws {
        let folder = PackFolder()
        let path = "\(folder.path)/large.sanaq"
        let writer = try PackWriter(target: path, overwrite: false)
        // Two chunks of zstd, one of byte planes, one raw.
        let small = sampleValues(.i8, count: 600 * 1024).map { $0 & 0x0F }
        try writer.write("a", .w8a8, .i8, [600, 1024], small)
        try writer.write("b", .f16, .f16, [300, 512], sampleValues(.f16, count: 300 * 512).map { $0 & 0x33 })
        try writer.write("c", .f32, .f32, [100, 512], sampleValues(.f32, count: 100 * 512))
        try writer.add(.manifest, [1])
        _ = try writer.finish()
        try expectFlipsToBeFound(folder, path, every: 1024)
    }

    private func expectFlipsToBeFound(_ folder: PackFolder, _ path: String, every step: Int) throws {
        let bytes = try readWholeFile(path, limit: 1 << 30)
        try PackArchive(path: path).verify { _ in }
        let descriptor = unsafe open(path, O_WRONLY)
        defer { close(descriptor) }
        for (turn, offset) in stride(from: 0, to: bytes.count, by: step).enumerated() {
            let place = min(offset + turn % step, bytes.count - 1)
            folder.overwrite(descriptor, [bytes[place] ^ 1 << UInt8(turn % 8)], at: place)
            let error = failure(of: path, asArchive: step > 1)
            #expect(error?.exitCode == .badInput, "bit \(turn % 8) of byte \(place)")
            folder.overwrite(descriptor, [bytes[place]], at: place)
            if error == nil { break }
        }
        #expect(failure(of: path, asArchive: step > 1) == nil)
    }

    private func failure(of path: String, asArchive: Bool = false) -> (any Failure)? {
        do {
            if asArchive {
                try PackArchive(path: path).verify { _ in }
            } else {
                try PackReader(path: path).verify { _ in }
            }
            return nil
        } catch {
            return error as? any Failure
        }
    }
}
