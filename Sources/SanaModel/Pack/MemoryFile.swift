import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A pack's file in memory, without a name on any disk, for packs that serve one run.
public final class MemoryFile: PackOutput {
    private let descriptor: Int32

    /// - Throws: `OutputError.cannotCreate`.
    public init() throws(OutputError) {
        descriptor = unsafe memfd_create("pack", CLINUX_CLOSE_ON_EXEC)
        guard descriptor >= 0 else { throw .cannotCreate(path: "a file in memory", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Opens the file anew for as long as it exists.
    public var path: String { "/proc/self/fd/\(descriptor)" }
    public var readablePath: String { path }

    public func write(_ bytes: [UInt8], at offset: Int) throws(OutputError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            }
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw .failed(path: path, code: errno)
            }
        }
    }

    public func commit() {}

    public func abandon() {
        _ = ftruncate(descriptor, 0)
    }
}
