import SanaModel
import TestSupport
import Testing

@Suite struct JournalTests {
    private let folder: TemporaryFolder
    private static let limit = 1 << 20

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> Journal { try Journal(path: folder.path("journal"), sizeLimit: Self.limit) }

    @Test func linesAreThereAgain() throws {
        do {
            let journal = try open()
            #expect(journal.lines.isEmpty)
            try journal.append("first")
            try journal.append("second")
        }
        #expect(try open().lines == [Array("first".utf8), Array("second".utf8)])
    }

    @Test func aLineCutShortIsReplacedByTheNextAndNotBefore() throws {
        try folder.write("first\nsec".utf8, to: "journal")
        do {
            let journal = try open()
            #expect(journal.lines == [Array("first".utf8)])
            #expect(try folder.read("journal") == Array("first\nsec".utf8))
            try journal.append("next")
        }
        #expect(try folder.read("journal") == Array("first\nnext\n".utf8))
    }

    @Test func aJournalThatIsClearedBeginsAnew() throws {
        try folder.write("first\n".utf8, to: "journal")
        let journal = try open()
        try journal.clear()
        try journal.append("anew")
        #expect(try folder.read("journal") == Array("anew\n".utf8))
        journal.remove()
        #expect(try folder.names.isEmpty)
    }

    @Test func oneRunHasAJournalAtATime() throws {
        let journal = try open()
        let error = #expect(throws: JournalError.self) { try open() }
        #expect(error == .inUse(path: folder.path("journal")) && error?.exitCode == .cannotCreate)
        try journal.append("still works")
    }

    @Test func whatCannotBeAJournalIsRefused() throws {
        #expect(throws: JournalError.self) { try Journal(path: folder.path, sizeLimit: Self.limit) }
        #expect(throws: JournalError.self) {
            try Journal(path: folder.path("missing/journal"), sizeLimit: Self.limit)
        }
        try folder.write([UInt8](repeating: 0x0A, count: 9), to: "large")
        #expect(throws: FileError.self) { try Journal(path: folder.path("large"), sizeLimit: 8) }
    }
}
