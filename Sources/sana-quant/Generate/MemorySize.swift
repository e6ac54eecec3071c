import SanaModel

/// A size as people write it: `800M`, `1.5G`, `700MiB`, `300000000`.
enum MemorySize {
    private static let units: [(suffix: String, bytes: Double)] = [
        ("", 1), ("b", 1), ("k", 1e3), ("kb", 1e3), ("kib", 1024), ("m", 1e6), ("mb", 1e6),
        ("mib", 1_048_576),
        ("g", 1e9), ("gb", 1e9), ("gib", 1_073_741_824), ("t", 1e12), ("tb", 1e12),
    ]

    /// Bytes: M is a million, MiB 2^20.
    static func parse(_ text: String) throws(UsageError) -> Int {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = text.dropFirst(digits.count).lowercased()
        guard let unit = units.first(where: { $0.suffix == suffix }), let number = Double(digits),
            number.isFinite, number > 0, number * unit.bytes >= 1, number * unit.bytes < 1e15
        else {
            throw UsageError(
                "The memory limit is \(quoted(text)), expected a size such as 800M, 1.5G or 700MiB.")
        }
        return Int(number * unit.bytes)
    }
}
