#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What makes two names the same file.
package struct FileIdentity: Hashable {
    private let device: dev_t
    private let number: ino_t

    /// Nil where nothing is at `path`. Symbolic links are followed.
    package init?(path: String) {
        var status = stat()
        guard !path.utf8.contains(0), unsafe stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        number = status.st_ino
    }
}

/// Whether two paths lead to one file that exists.
package func isSameFile(_ first: String, _ second: String) -> Bool {
    guard let identity = FileIdentity(path: first) else { return false }
    return identity == FileIdentity(path: second)
}
