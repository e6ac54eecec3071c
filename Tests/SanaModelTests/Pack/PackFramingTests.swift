import SanaModel
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct PackFramingTests {
    private static func header(_ fault: HeaderFault) -> PackError { .header(path: "", fault) }

    @Test func aSoundPackIsAccepted() throws {
        let folder = PackFolder()
        let archive = try PackArchive(path: folder.write(PackForge.sound.bytes))
        try archive.verify { _ in }
        #expect(archive.tensors.map(\.name) == ["q", "q_scale", "h", "f"])
        #expect(try archive.blob(.licence) == Array("free".utf8))
        #expect(try archive.blob(.instruction) == nil)
        let float = try #require(archive.tensor("f"))
        #expect(float.rows(ofChunk: 0) == 0..<2 && float.rows(ofChunk: 1) == 2..<3)
        #expect(try archive.values(float).count == 3600)
        for index in [-1, 2, Int.max] {
            #expect(throws: PackError.tensor(path: archive.path, name: "f", .noChunk(index))) {
                try archive.chunk(float, index)
            }
        }
    }

    @Test(arguments: [
        Lie("version 0", header(.version(major: 0, minor: 0))) { $0.major = 0 },
        Lie("version of the future", header(.version(major: 2, minor: 7))) { ($0.major, $0.minor) = (2, 7) },
        Lie("big endian", header(.byteSwapped)) { $0.major = 0x0100 },
        Lie("unknown flag", header(.unknownFlags(0x8000_0000))) { $0.flags = 0x8000_0000 },
        Lie("wrong magic", header(.notAPack)) { $0.magic = Array("GGUFGGUF".utf8) },
        Lie("line ends changed to LF", header(.textMode)) {
            $0.magic = [0x89, 0x53, 0x51, 0x4E, 0x0A, 0x1A, 0x0A, 0x01]
        },
        Lie("line ends changed to CR LF", header(.textMode)) {
            $0.magic = [0x89, 0x53, 0x51, 0x4E, 0x0D, 0x0D, 0x0A, 0x1A]
        },
        Lie("eighth bit cut off", header(.textMode)) { $0.magic[0] = 0x09 },
        Lie("wrong header hash", header(.hash)) { $0.headerHash = 1 },
        Lie("data elsewhere", header(.dataOffset(8192))) { $0.dataOffset = 8192 },
        Lie("data at 0", header(.dataOffset(0))) { $0.dataOffset = 0 },
        Lie("padding used", header(.padding(offset: 64))) { $0.padding[0] = 1 },
        Lie("last byte of padding used", header(.padding(offset: 4095))) { $0.padding[4095 - 64] = 0x80 },
    ])
    func aLieInTheHeaderIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [0, 1, -1, 1 << 32, Int(truncatingIfNeeded: 1 << 63 as UInt64), -2])
    func aWrongFileSizeIsFoundOut(change: Int) throws {
        let size = PackForge.sound.bytes.count
        let claimed = change == 0 ? 0 : UInt64(bitPattern: Int64(size &+ change))
        let expected = HeaderFault.fileSize(claimed: claimed, found: size)
        try Lie("", Self.header(expected)) { $0.fileSize = claimed }.isFoundOut()
    }

    @Test(arguments: [0, 4095, 4097, 1 << 62, 1 << 63, .max, .max - 100] as [UInt64])
    func aTableElsewhereIsFoundOut(offset: UInt64) throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.tableOffset = offset
        expectHeaderFault(folder.write(forge.bytes)) { fault in
            if case .tableBounds(offset, _) = fault { true } else { false }
        }
    }

    @Test(arguments: [0, 1, 16 << 20, 16 << 20 + 1, 1 << 32, 1 << 63, .max] as [UInt64])
    func aTableOfAnotherSizeIsFoundOut(size: UInt64) throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.tableSize = size
        expectHeaderFault(folder.write(forge.bytes)) { fault in
            switch fault {
            case .tableBounds(_, size): size <= 16 << 20
            case .tableTooLarge(size): size > 16 << 20
            default: false
            }
        }
    }

    /// The offset goes down as the size goes up, so that both together fit the file, wrapping past 2^64.
    @Test func aTableWhoseEndWrapsIsFoundOut() throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.tableSize = 4096
        forge.tableOffset = UInt64(forge.bytes.count) &- 4096
        forge.tableOffset = 0 &- 4096 &+ UInt64(forge.bytes.count)
        #expect(throws: PackError.self) { try PackArchive(path: folder.write(forge.bytes)) }
    }

    @Test(arguments: 0..<64) func fewerBytesThanAHeaderAreRefused(count: Int) {
        let folder = PackFolder()
        let path = folder.write(Array(PackForge.sound.bytes[..<count]))
        expectHeaderFault(path) { $0 == .tooShort(size: count) }
    }

    @Test func anEmptyFileAndATextAreRefused() {
        let folder = PackFolder()
        expectHeaderFault(folder.write([])) { $0 == .tooShort(size: 0) }
        expectHeaderFault(folder.write(Array("hello".utf8))) { $0 == .notAPack }
        expectHeaderFault(folder.write([UInt8](repeating: 0, count: 10_000))) { $0 == .notAPack }
    }

    @Test(arguments: [[0], [0x50, 0x4B, 0x03, 0x04] + [UInt8](repeating: 7, count: 100)])
    func bytesBehindTheEndAreRefused(trailer: [UInt8]) {
        let folder = PackFolder()
        var forge = PackForge.sound
        forge.trailer = trailer
        let size = forge.bytes.count
        expectHeaderFault(folder.write(forge.bytes)) {
            $0 == .fileSize(claimed: UInt64(size - trailer.count), found: size)
        }
    }

    @Test func whatIsNoFileIsRefused() throws {
        let folder = PackFolder()
        let pipe = "\(folder.path)/pipe"
        unsafe #expect(mkfifo(pipe, 0o600) == 0)
        let loop = "\(folder.path)/loop"
        unsafe #expect(symlink(loop, loop) == 0)
        for (path, code) in [
            (folder.path, ExitCode.badInput), (pipe, .badInput), ("/dev/zero", .badInput),
            ("/dev/null", .badInput), (loop, .inputOutput), ("\(folder.path)/missing", .missingInput),
        ] {
            let error = #expect(throws: FileError.self) { try PackArchive(path: path) }
            #expect(error?.exitCode == code, "\(path)")
        }
    }

    @Test func aFileThatShrinksWhileOpenIsRefused() throws {
        let folder = PackFolder()
        let path = folder.write(PackForge.sound.bytes)
        let archive = try PackArchive(path: path)
        unsafe #expect(truncate(path, 5000) == 0)
        let error = #expect(throws: FileError.self) { try archive.verify { _ in } }
        #expect(error?.exitCode == .badInput)
    }

    private func expectHeaderFault(_ path: String, _ isExpected: (HeaderFault) -> Bool) {
        let error = #expect(throws: PackError.self) { try PackArchive(path: path) }
        if case .header(_, let fault) = error {
            #expect(isExpected(fault), "\(fault)")
        } else {
            Issue.record("expected a fault of the header, found \(String(describing: error))")
        }
        #expect(error?.exitCode == .badInput)
    }
}
