/// The limits that Linux control groups put on us.
package enum ControlGroup {
    /// Processors' worth of time, rounded up: the least of our group and the groups around it. Nil where nothing
    /// limits us.
    static var processors: Int? {
        guard let membership = SystemText.contents("/proc/self/cgroup") else { return nil }
        return processors(membership: membership, read: SystemText.contents)
    }

    /// - Parameters:
    ///   - membership: /proc/self/cgroup, lines of `number:controllers:path`.
    ///   - read: a file's text, nil where there is no such file.
    package static func processors(membership: String, read: (String) -> String?) -> Int? {
        let quotas = folders(membership: membership, controller: "cpu").compactMap { folder in
            folder.isUnified
                ? unifiedQuota(read("\(folder.path)/cpu.max"))
                : legacyQuota(
                    quota: read("\(folder.path)/cpu.cfs_quota_us"),
                    period: read("\(folder.path)/cpu.cfs_period_us"))
        }
        guard let least = quotas.min() else { return nil }
        return Int(least.rounded(.up))
    }

    /// Where the limits of our group and of those around it may stand, in the second version's one hierarchy or in the
    /// first version's hierarchy of a controller.
    static func folders(membership: String, controller: String) -> [(path: String, isUnified: Bool)] {
        var found: [(path: String, isUnified: Bool)] = []
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[1].isEmpty {
                for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
                    found += folders(root, fields[2]).map { ($0, true) }
                }
            } else if fields[1].split(separator: ",").contains(controller[...]) {
                for root in ["/sys/fs/cgroup/\(controller)", "/sys/fs/cgroup/\(fields[1])"] {
                    found += folders(root, fields[2]).map { ($0, false) }
                }
            }
        }
        return found
    }

    /// The group's folder and those around it. Inside a container the path may not exist while the root does.
    private static func folders(_ root: String, _ path: Substring) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).map { depth in
            ([root] + names.prefix(depth).map(String.init)).joined(separator: "/")
        }
    }

    /// `cpu.max`: "max 100000" or "150000 100000".
    private static func unifiedQuota(_ text: String?) -> Double? {
        let words = (text ?? "").split(whereSeparator: \.isWhitespace)
        return words.count == 2 ? ratio(String(words[0]), String(words[1])) : nil
    }

    /// `cpu.cfs_quota_us`, -1 for no limit, and `cpu.cfs_period_us`.
    private static func legacyQuota(quota: String?, period: String?) -> Double? {
        guard let quota = quota?.split(whereSeparator: \.isWhitespace).first,
            let period = period?.split(whereSeparator: \.isWhitespace).first
        else { return nil }
        return ratio(String(quota), String(period))
    }

    private static func ratio(_ quota: String, _ period: String) -> Double? {
        guard let quota = Int32(quota), let period = Int32(period), quota > 0, period > 0 else { return nil }
        return Double(quota) / Double(period)
    }
}
