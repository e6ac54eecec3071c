import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder that lives as long as a test.
final class PackFolder: Sendable {
    let path: String

    init() {
        path = "/tmp/sana-quant-pack-\(getpid())-\(UInt64.random(in: .min ... .max))"
        unsafe mkdir(path, 0o700)
    }

    deinit {
        unsafe chmod(path, 0o700)
        for name in names { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    /// What is in it, hidden files too, sorted.
    var names: [String] {
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], as name: String = "test.sanaq") -> String {
        let path = "\(self.path)/\(name)"
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer { close(descriptor) }
        overwrite(descriptor, bytes, at: 0)
        return path
    }

    func overwrite(_ descriptor: Int32, _ bytes: [UInt8], at offset: Int) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, offset + done)
            }
            precondition(count > 0)
            done += count
        }
    }

    func read(_ name: String = "test.sanaq") throws -> [UInt8] {
        try readWholeFile("\(path)/\(name)", limit: 1 << 30)
    }
}

/// Bytes that look random and are the same in each run.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}
