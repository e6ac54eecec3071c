import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that appears under its name only when it is whole.
///
/// Bytes go to `.NAME.tmp-PID-RANDOM` beside the target, which `commit` renames once they are on the disk. A
/// process that is killed leaves the target as it was and at most that temporary file, which the next run for
/// the same target removes. One thread writes; `abandon` may be called from any thread.
@safe public final class AtomicFile: Sendable {
    private enum Phase {
        static let open: UInt8 = 0
        static let committed: UInt8 = 1
        static let abandoned: UInt8 = 2
    }

    /// Where the file will stand. Symbolic links are followed.
    public let target: String
    private let folder: String
    private let overwrite: Bool
    private let descriptor: Int32
    private let phase = Atomic<UInt8>(Phase.open)
    /// Where the bytes are before `commit`.
    public let readablePath: String

    /// Opens the temporary file.
    ///
    /// `expectedSize`: bytes that are sure to be needed; fewer free ones on the disk are an error at once.
    public init(target: String, overwrite: Bool, expectedSize: Int = 0) throws(OutputError) {
        let target = try Self.resolve(target)
        try Self.check(target, overwrite: overwrite)
        let (folder, name) = Self.split(target)
        let prefix = ".\(name).tmp-"
        Self.removeLeftovers(in: folder, prefix: prefix)
        (readablePath, descriptor) = try Self.openTemporary(in: folder, prefix: prefix, for: target)
        self.target = target
        self.folder = folder
        self.overwrite = overwrite
        try Self.checkSpace(in: folder, for: target, size: expectedSize)
    }

    deinit {
        abandon()
        close(descriptor)
    }

    /// Writes all bytes at `offset`; any failure abandons the file.
    public func write(_ bytes: [UInt8], at offset: Int) throws(OutputError) {
        var done = 0
        while done < bytes.count {
            guard phase.load(ordering: .relaxed) == Phase.open else { throw .abandoned(path: target) }
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            }
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw failure(errno)
            }
        }
    }

    /// Brings the bytes to the disk and the file to its name.
    public func commit() throws(OutputError) {
        while fsync(descriptor) != 0 {
            if errno != EINTR { throw failure(errno) }
        }
        if !overwrite {
            do {
                try Self.check(target, overwrite: false)
            } catch {
                abandon()
                throw error
            }
        }
        let (open, _) = phase.compareExchange(
            expected: Phase.open, desired: Phase.committed, ordering: .sequentiallyConsistent)
        guard open else { throw .abandoned(path: target) }
        guard unsafe rename(readablePath, target) == 0 else {
            let code = errno
            unsafe unlink(readablePath)
            throw .cannotCreate(path: target, code: code)
        }
        try syncFolder()
    }

    /// Gives the file up: the temporary file goes, the target stays as it was. Without effect behind
    /// `commit`.
    public func abandon() {
        let (open, _) = phase.compareExchange(
            expected: Phase.open, desired: Phase.abandoned, ordering: .sequentiallyConsistent)
        if open { unsafe unlink(readablePath) }
    }

    private func failure(_ code: Int32) -> OutputError {
        abandon()
        return code == ENOSPC || code == EDQUOT
            ? .full(path: target) : .failed(path: target, code: code)
    }

    /// Makes the new name last; file systems that cannot sync a folder are left to themselves.
    private func syncFolder() throws(OutputError) {
        let folderDescriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { return }
        defer { close(folderDescriptor) }
        guard fsync(folderDescriptor) == 0 || errno != EIO else { throw .failed(path: target, code: EIO) }
    }
}
