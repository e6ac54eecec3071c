#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whether anything is at a path, even a link that leads nowhere.
package func somethingExists(at path: String) -> Bool { lookUp(path) == 0 }

/// The same, where a path that the system cannot follow is an error: a folder that may not be entered, or links in a
/// circle.
package func canFindSomething(at path: String) throws(FileError) -> Bool {
    switch lookUp(path) {
    case 0: true
    case ENOENT, ENOTDIR: false
    case let code: throw .unreadable(path: path, code: code)
    }
}

private func lookUp(_ path: String) -> Int32 {
    guard !path.utf8.contains(0) else { return ENOENT }
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? 0 : errno
}

/// The names in a folder, sorted by their bytes.
package func fileNames(inFolder path: String) throws(FileError) -> [String] {
    guard !path.utf8.contains(0), let folder = unsafe opendir(path) else {
        switch errno {
        case ENOENT: throw .missing(path: path)
        case ENOTDIR: throw .notAFolder(path: path)
        default: throw .unreadable(path: path, code: errno)
        }
    }
    defer { unsafe closedir(folder) }
    var names: [ByteString] = []
    while let entry = unsafe readdir(folder) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            let size = MemoryLayout.size(ofValue: unsafe tuple.pointee)
            return unsafe tuple.withMemoryRebound(to: CChar.self, capacity: size) {
                unsafe String(cString: $0)
            }
        }
        if name != ".", name != ".." { names.append(ByteString(name)) }
    }
    return names.sorted().map(\.string)
}

/// Makes a folder, and those above it, unless it is there.
package func makeFolder(_ path: String) throws(OutputError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .cannotCreate(path: path, code: EINVAL) }
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
        parts.append(part)
        let folder = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
        if unsafe mkdir(folder, 0o777) != 0 {
            let code = errno
            guard somethingExists(at: folder) else { throw .cannotCreate(path: folder, code: code) }
        }
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw .cannotCreate(path: path, code: ENOTDIR)
    }
}
