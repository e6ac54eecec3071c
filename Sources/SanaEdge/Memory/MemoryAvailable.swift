#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory that a run may still take without swapping or being killed.
package enum MemoryAvailable {
    /// Bytes: what the machine has free or can free at once, and no more than what the control groups around us leave.
    /// Nil where the system does not tell.
    static var bytes: Int? {
        let machine = SystemText.contents("/proc/meminfo").flatMap { kibibytes("MemAvailable:", in: $0) }
        let membership = SystemText.contents("/proc/self/cgroup") ?? ""
        let group = self.bytes(membership: membership, read: SystemText.contents)
        return [machine, group].compactMap { $0 }.min()
    }

    /// Addresses that the process may have (`ulimit -v`); nil where there is no limit.
    package static var addresses: Int? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < 1 << 50
        else { return nil }
        return Int(limit.rlim_cur)
    }

    /// What the tightest of our group and the groups around it leaves; nil where none has a limit.
    ///
    /// - Parameters:
    ///   - membership: /proc/self/cgroup, lines of `number:controllers:path`.
    ///   - read: a file's text, nil where there is no such file.
    package static func bytes(membership: String, read: (String) -> String?) -> Int? {
        var least: Int?
        for folder in ControlGroup.folders(membership: membership, controller: "memory") {
            let (limitName, usageName) =
                folder.isUnified
                ? ("memory.max", "memory.current") : ("memory.limit_in_bytes", "memory.usage_in_bytes")
            guard let limit = read("\(folder.path)/\(limitName)").flatMap({ number($0[...]) }) else {
                continue
            }
            let usage = read("\(folder.path)/\(usageName)").flatMap { number($0[...]) } ?? 0
            // What files have in the page cache is counted and goes when it is in the way.
            let statistics = read("\(folder.path)/memory.stat") ?? ""
            let cache = ["inactive_file", "active_file"].reduce(0) { sum, key in
                let prefix = folder.isUnified ? key : "total_\(key)"
                return sum + (value("\(prefix) ", in: statistics) ?? 0)
            }
            let free = max(0, limit - max(0, usage - cache))
            least = min(least ?? free, free)
        }
        return least
    }

    /// The value of a line such as `MemAvailable:   12345 kB`.
    private static func kibibytes(_ key: String, in text: String) -> Int? {
        value(key, in: text).map { $0 * 1024 }
    }

    /// The number behind a line's key.
    private static func value(_ key: String, in text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line.flatMap { number($0.dropFirst(key.count)) }
    }

    private static func number(_ text: Substring) -> Int? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }.flatMap {
            $0 < 1 << 50 ? $0 : nil
        }
    }
}
