import SanaModel
import TestSupport
import Testing

@Suite struct FileReaderTests {
    private let folder: TestSupport.TemporaryFolder

    init() throws {
        folder = try TestSupport.TemporaryFolder()
        try folder.put([0, 1, 2, 3, 4, 5, 6, 7], "file")
    }

    @Test func bytesAreReadByOffset() throws {
        let file = try FileReader(path: folder.path("file"))
        #expect(file.size == 8)
        #expect(try file.read(at: 0, count: 8) == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(try file.read(at: 5, count: 2) == [5, 6])
        #expect(try file.read(at: 8, count: 0) == [])
    }

    @Test(arguments: [(0, 9), (8, 1), (9, 0), (-1, 1), (0, -1), (.max, 1), (1, .max), (.max, .max)])
    func aRangeBeyondTheFileIsRejected(offset: Int, count: Int) throws {
        let path = folder.path("file")
        let file = try FileReader(path: path)
        let available = offset >= 0 && offset <= 8 ? 8 - offset : 0
        #expect(throws: FileError.truncated(path: path, offset: offset, expected: count, found: available)) {
            try file.read(at: offset, count: count)
        }
    }

    @Test func aFileThatShrinksIsAnError() throws {
        let path = folder.path("file")
        let file = try FileReader(path: path)
        try folder.cut("file", to: 3)
        #expect(throws: FileError.truncated(path: path, offset: 1, expected: 7, found: 2)) {
            try file.read(at: 1, count: 7)
        }
    }

    @Test func aMissingFileIsMissing() {
        for path in [folder.path("none"), folder.path("file/below"), folder.path("file") + "\0"] {
            let error = FileError.missing(path: path)
            #expect(throws: error) { try FileReader(path: path) }
            #expect(error.exitCode == .missingInput)
        }
    }

    @Test func whatIsNoRegularFileIsRejected() throws {
        try folder.makePipe("pipe")
        for (path, kind) in [
            (folder.path, "a directory"), (folder.path("pipe"), "a pipe"), ("/dev/zero", "a device"),
        ] {
            #expect(throws: FileError.notARegularFile(path: path, found: kind)) { try FileReader(path: path) }
        }
    }

    @Test func aLoopOfLinksIsUnreadable() throws {
        try folder.makeLink("a", to: folder.path("b"))
        try folder.makeLink("b", to: folder.path("a"))
        let error = #expect(throws: FileError.self) { try FileReader(path: folder.path("a")) }
        #expect(error?.exitCode == .inputOutput)
    }

    @Test func aLinkToAFileIsRead() throws {
        try folder.makeLink("link", to: folder.path("file"))
        #expect(try FileReader(path: folder.path("link")).size == 8)
    }

    @Test func aWholeFileHasALimit() throws {
        let path = folder.path("file")
        #expect(try readWholeFile(path, limit: 8).count == 8)
        #expect(throws: FileError.tooLarge(path: path, size: 8, limit: 7)) {
            try readWholeFile(path, limit: 7)
        }
    }
}
