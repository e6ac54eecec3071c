#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension AtomicFile {
    /// The path behind symbolic links, even if nothing is there yet; the path itself where it is no link.
    static func resolve(_ path: String) throws(OutputError) -> String {
        guard !path.isEmpty, !path.utf8.contains(0), path.utf8.last != UInt8(ascii: "/") else {
            throw .notAFile(path: path)
        }
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
        guard let resolved = unsafe realpath(path, nil) else {
            let code = errno
            // Links in a circle are ELOOP; these end where nothing is.
            guard code == ENOENT, let target = linkTarget(path) else {
                throw .cannotCreate(path: path, code: code)
            }
            return try resolve(target)
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// What a symbolic link names, from where the process is.
    private static func linkTarget(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink(path, &target, target.count)
        guard length > 0, length < target.count else { return nil }
        guard let name = String(validating: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        else { return nil }
        return name.hasPrefix("/") ? name : "\(split(path).folder)/\(name)"
    }

    /// Where a target will stand: the same for all paths that lead there, if its folder is there.
    public static func place(of target: String) throws(OutputError) -> String {
        let (folder, name) = split(try resolve(target))
        guard let resolved = unsafe realpath(folder, nil) else { return target }
        defer { unsafe free(resolved) }
        return unsafe "\(String(cString: resolved))/\(name)"
    }

    /// Refuses what must not be replaced.
    static func check(_ path: String, overwrite: Bool) throws(OutputError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .cannotCreate(path: path, code: errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        guard overwrite else { throw .exists(path: path) }
    }

    static func checkSpace(in folder: String, for path: String, size: Int) throws(OutputError) {
        var status = statvfs()
        guard unsafe statvfs(folder, &status) == 0 else { return }
        let (free, overflow) = Int(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int(clamping: status.f_frsize))
        guard overflow || free >= size else { throw .noSpace(path: path, needed: size, free: free) }
    }

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.index(after: slash)...]))
    }

    /// Creates a temporary file and locks it for as long as it is open, so that nobody takes it for a
    /// leftover.
    static func openTemporary(
        in folder: String, prefix: String, for target: String
    ) throws(OutputError) -> (path: String, descriptor: Int32) {
        while true {
            let random = String(UInt64.random(in: .min ... .max), radix: 16)
            let path = "\(folder)/\(prefix)\(getpid())-\(random)"
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
            guard descriptor >= 0 else { throw .cannotCreate(path: target, code: errno) }
            while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
            // Another run may have swept it away before it was locked.
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0, status.st_nlink == 0 else {
                return (path, descriptor)
            }
            close(descriptor)
        }
    }

    /// Removes the temporary files that a run for the same target left behind when it was killed.
    static func removeLeftovers(in folder: String, prefix: String) {
        for name in names(in: folder) where name.hasPrefix(prefix) {
            let parts = name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let process = pid_t(parts[0]), process > 0,
                UInt64(parts[1], radix: 16) != nil
            else { continue }
            let path = "\(folder)/\(name)"
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                isAbandoned(descriptor, by: process)
            else { continue }
            unsafe unlink(path)
        }
    }

    /// Whether the run that made a temporary file is gone: then its lock is. Where the file system has no
    /// locks, the number of the process decides, which may be in use again.
    private static func isAbandoned(_ descriptor: Int32, by process: pid_t) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        return errno != EWOULDBLOCK && kill(process, 0) != 0 && errno == ESRCH
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }
}
