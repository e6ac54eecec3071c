import SanaModel
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct ReadAheadTests {
    private let folder: TestSupport.TemporaryFolder
    private static let size = 8 << 20

    init() throws {
        folder = try TestSupport.TemporaryFolder()
        try folder.put([UInt8](repeating: 7, count: Self.size), "file")
    }

    /// Waits until the thread has read what it was asked for.
    private func wait(for thread: ReadAhead) {
        for _ in 0..<10_000 where !thread.isIdle { usleep(1000) }
        #expect(thread.isIdle)
    }

    /// Takes a file out of the page cache, as far as the file system lets one.
    private func drop(_ path: String) {
        let descriptor = unsafe open(path, O_RDWR)
        fsync(descriptor)
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        close(descriptor)
    }

    @Test func whatIsFetchedIsInThePageCache() throws {
        let file = try FileReader(path: folder.path("file"))
        drop(file.path)
        let thread = ReadAhead(file)
        thread.fetch([0..<1, 5 << 20..<Self.size])
        wait(for: thread)
        #expect(file.isCached(0))
        for offset in stride(from: 5 << 20, to: Self.size, by: 4096) { #expect(file.isCached(offset)) }
    }

    @Test func whatCannotBeReadIsLeftToWhoeverWantsIt() throws {
        let file = try FileReader(path: folder.path("file"))
        let thread = ReadAhead(file)
        try folder.cut("file", to: 100)
        thread.fetch([0..<Self.size, Self.size..<2 * Self.size])
        wait(for: thread)
        #expect(throws: FileError.self) { try file.read(at: 0, count: 200) }
        #expect(try file.read(at: 0, count: 100).count == 100)
    }

    @Test func aThreadEndsWithWorkLeft() throws {
        let file = try FileReader(path: folder.path("file"))
        drop(file.path)
        for _ in 0..<20 { ReadAhead(file).fetch((0..<1000).map { _ in 0..<Self.size }) }
    }
}
