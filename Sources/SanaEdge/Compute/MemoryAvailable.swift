/// Memory that a run may still take without swapping or being killed.
enum MemoryAvailable {
    /// Bytes: what the machine has free or can free at once, and no more than the control group's limit. Nil where
    /// the system does not tell.
    static var bytes: Int? {
        let machine = SystemText.contents("/proc/meminfo").flatMap { kibibytes("MemAvailable:", in: $0) }
        let group = SystemText.contents("/sys/fs/cgroup/memory.max").flatMap { number($0[...]) }
        return [machine, group].compactMap { $0 }.min()
    }

    /// The value of a line such as `MemAvailable:   12345 kB`.
    private static func kibibytes(_ key: String, in text: String) -> Int? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
        return line.split(separator: " ").dropFirst().first.flatMap { number($0) }.map { $0 * 1024 }
    }

    private static func number(_ text: Substring) -> Int? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }.flatMap {
            $0 < 1 << 50 ? $0 : nil
        }
    }
}
