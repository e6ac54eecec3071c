import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A regular file, read by offset into memory of our own.
///
/// Files are never mapped: a mapped file that shrinks kills the process, and its pages count as our memory. Reads
/// do not move any position, so that threads may share one reader.
public final class FileReader: Sendable {
    public let path: String
    /// Bytes, when the file was opened.
    public let size: Int
    private let descriptor: Int32

    /// Opens a file without ever waiting for it, so that a pipe without a writer is refused and not waited for.
    public init(path: String) throws(FileError) {
        // A C string would end at the NUL and name another file.
        guard !path.utf8.contains(0) else { throw .missing(path: path) }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw .missing(path: path)
            case ENXIO: throw .notARegularFile(path: path, found: "a socket or an empty device")
            default: throw .unreadable(path: path, code: errno)
            }
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .unreadable(path: path, code: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notARegularFile(path: path, found: kind(ofMode: status.st_mode))
        }
        self.path = path
        self.size = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Exactly `count` bytes from `offset` on.
    ///
    /// The range is held against the file's size before anything is allocated.
    public func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try check(offset, count)
        do {
            return try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                let memory = unsafe UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
                try unsafe read(at: offset, into: memory)
                initialized = count
            }
        } catch {
            // The initializer rethrows untyped; only `read` throws in it.
            throw error as? FileError ?? .unreadable(path: path, code: EIO)
        }
    }

    /// Fills `memory` with the bytes from `offset` on.
    public func read(at offset: Int, into memory: UnsafeMutableRawBufferPointer) throws(FileError) {
        let count = memory.count
        try check(offset, count)
        guard let base = memory.baseAddress else { return }
        var done = 0
        while done < count {
            let got = unsafe pread(descriptor, base + done, count - done, off_t(offset + done))
            if got > 0 {
                done += got
            } else if got == 0 {
                throw .truncated(path: path, offset: offset, expected: count, found: done)
            } else if errno != EINTR {
                throw .unreadable(path: path, code: errno)
            }
        }
    }

    /// Whether a byte can be read without waiting for the disk.
    package func isCached(_ offset: Int) -> Bool { clinux_is_cached(descriptor, offset) }

    private func check(_ offset: Int, _ count: Int) throws(FileError) {
        let available = offset < 0 || offset > size ? 0 : size - offset
        guard (0...size).contains(offset), count >= 0, count <= available else {
            throw .truncated(path: path, offset: offset, expected: count, found: available)
        }
    }
}

/// The bytes of a small file: a configuration, a list of prompts.
public func readWholeFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = try FileReader(path: path)
    guard file.size <= limit else {
        throw .tooLarge(path: path, size: file.size, limit: limit)
    }
    return try file.read(at: 0, count: file.size)
}

private func kind(ofMode mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
}
