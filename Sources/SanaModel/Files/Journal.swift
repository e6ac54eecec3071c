#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file of lines to which a run adds what it has done, one line at a time, each on the disk before the next piece of
/// work begins. A run that is killed leaves at most one line cut short, which the next run takes off.
///
/// One process has it at a time.
public final class Journal: Sendable {
    public let path: String
    /// The whole lines that were there when it was opened.
    public let lines: [[UInt8]]
    private let descriptor: Int32

    /// Opens the file or makes it.
    ///
    /// - Throws: `JournalError`, `FileError`.
    public init(path: String, sizeLimit: Int) throws {
        guard !path.utf8.contains(0) else { throw JournalError.cannotCreate(path: path, code: EINVAL) }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else { throw JournalError.cannotCreate(path: path, code: errno) }
        self.path = path
        self.descriptor = descriptor
        do {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw errno == EWOULDBLOCK
                    ? JournalError.inUse(path: path) : .failed(path: path, code: errno)
            }
            var bytes = try readWholeFile(path, limit: sizeLimit)
            if let end = bytes.lastIndex(of: UInt8(ascii: "\n")) {
                bytes.removeSubrange((end + 1)...)
            } else {
                bytes = []
            }
            lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
            guard ftruncate(descriptor, off_t(bytes.count)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
                throw JournalError.failed(path: path, code: errno)
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Adds a line and brings it to the disk.
    ///
    /// - Parameter line: without line feeds.
    public func append(_ line: String) throws(JournalError) {
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                return unsafe write(descriptor, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw .failed(path: path, code: errno)
            }
        }
        while fsync(descriptor) != 0 {
            // A pipe or a device has nothing to bring to a disk.
            if errno == EINVAL || errno == EROFS { return }
            if errno != EINTR { throw .failed(path: path, code: errno) }
        }
    }

    /// Takes all lines off.
    public func clear() throws(JournalError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw .failed(path: path, code: errno)
        }
    }

    /// Takes the file away.
    public func remove() {
        unsafe unlink(path)
    }
}

/// A journal that cannot be kept.
public enum JournalError: Failure, Equatable {
    case cannotCreate(path: String, code: Int32)
    case inUse(path: String)
    case failed(path: String, code: Int32)

    public var exitCode: ExitCode {
        switch self {
        case .cannotCreate, .inUse: .cannotCreate
        case .failed: .inputOutput
        }
    }

    public var description: String {
        switch self {
        case .cannotCreate(let path, let code):
            "\(quoted(path)) cannot be created: \(reason(ofSystemError: code))."
        case .inUse(let path):
            "\(quoted(path)) is in use by another run; wait for its end or name another file."
        case .failed(let path, let code):
            "\(quoted(path)) could not be written: \(reason(ofSystemError: code))."
        }
    }
}
