#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Compute {
    /// How many threads this process can keep busy: the processors that it may run on, or fewer where a control
    /// group limits its time.
    public static var availableProcessors: Int {
        let allowed = SystemText.contents("/proc/self/status").flatMap(allowedProcessors)
        let online = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return max(1, min(allowed ?? online, ControlGroup.processors ?? Int.max, maximumThreads))
    }

    /// The processors that the scheduler may use for us: `Cpus_allowed_list`, such as "0-3,8,10-11".
    package static func allowedProcessors(status: String) -> Int? {
        let key = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
        let list = line.dropFirst(key.utf8.count).filter { !$0.isWhitespace }
        var count = 0
        for range in list.split(separator: ",") {
            let ends = range.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last
            else {
                return nil
            }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }
}

/// Small files that the kernel writes as they are read, so that they have no size before.
package enum SystemText {
    /// The first 64 KiB; nil where there is no such file.
    package static func contents(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        var filled = 0
        while filled < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes { memory in
                unsafe read(descriptor, memory.baseAddress.map { unsafe $0 + filled }, memory.count - filled)
            }
            if got <= 0 { break }
            filled += got
        }
        return String(decoding: bytes[..<filled], as: UTF8.self)
    }
}
