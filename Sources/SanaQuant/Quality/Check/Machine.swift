import SanaEdge
import SanaModel

/// What a report says of where it was made.
struct Machine {
    let processor: String
    let tier: String
    let threads: Int

    init(_ compute: Compute) {
        let lines = SystemText.contents("/proc/cpuinfo")?.split(separator: "\n") ?? []
        let name = lines.first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }
        processor =
            name?.split(separator: ":", maxSplits: 1).last.map { $0.drop { $0 == " " } }.map(String.init)
            ?? "unknown"
        tier = compute.tier.name
        threads = compute.threads
    }

    var json: JSON {
        ["processor": .string(processor), "tier": .string(tier), "threads": .integer(threads)]
    }
}
