import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file of lines to which a run adds what it has done, one line at a time, each on the disk before the next piece of
/// work begins. A run that is killed leaves at most one line cut short, which the next line replaces; until then the
/// file stays as it was found.
///
/// One process has it at a time.
public final class Journal: Sendable {
    public let path: String
    /// The whole lines that were there when it was opened.
    public let lines: [[UInt8]]
    /// What stood behind them: of a run that was killed, the beginning of a line.
    public let rest: [UInt8]
    private let descriptor: Int32
    /// Where the next line goes.
    private let end: Mutex<Int>

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
            let bytes = try readWholeFile(path, limit: sizeLimit)
            let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            lines = bytes[..<end].split(separator: UInt8(ascii: "\n")).map(Array.init)
            rest = Array(bytes[end...])
            self.end = Mutex(end)
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
        let start = end.withLock { end in
            defer { end += bytes.count }
            return end
        }
        guard ftruncate(descriptor, off_t(start)) == 0 else { throw .failed(path: path, code: errno) }
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(start + done))
            }
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw .failed(path: path, code: errno)
            }
        }
        while fsync(descriptor) != 0 {
            if errno != EINTR { throw .failed(path: path, code: errno) }
        }
    }

    /// Takes all lines off.
    public func clear() throws(JournalError) {
        guard ftruncate(descriptor, 0) == 0 else { throw .failed(path: path, code: errno) }
        end.withLock { $0 = 0 }
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
