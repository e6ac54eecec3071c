#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder that files are written into, made where nothing is.
package struct OutputFolder {
    private let path: String
    private let isNew: Bool

    package init(_ path: String) throws(OutputError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .cannotCreate(path: path, code: EINVAL) }
        self.path = path
        isNew = unsafe mkdir(path, 0o777) == 0
        guard !isNew else { return }
        let code = errno
        var status = stat()
        guard code == EEXIST, unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotCreate(path: path, code: code == EEXIST ? ENOTDIR : code)
        }
    }

    /// Takes the folder away again if it was made here and nothing is in it.
    package func removeIfNew() {
        if isNew { unsafe rmdir(path) }
    }
}
