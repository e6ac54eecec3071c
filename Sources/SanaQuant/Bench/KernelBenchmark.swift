import SanaEdge
import SanaModel

/// Measures the int8 products of some tiers against the peak of their instructions.
public struct KernelBenchmark: Sendable {
    public var tiers = Tier.available
    public var threads = Compute.availableProcessors
    public var shapes = KernelShape.all

    public init() {}

    /// `progress` takes the shapes that are done and all shapes of all tiers, and may throw to stop.
    public func run(progress: (Int, Int) throws -> Void) throws -> KernelReport {
        let total = tiers.count * shapes.count
        var report = KernelReport(threads: threads)
        for (index, tier) in tiers.enumerated() {
            let one = Compute(threads: 1, tier: tier)
            let all = threads == 1 ? one : Compute(threads: threads, tier: tier)
            var entry = KernelReport.TierEntry(
                tier: tier.name, peak: measure(one, all) { Peak.measure(.int8, on: $0) },
                floatPeak: measure(one, all) { Peak.measure(.float32, on: $0) })
            for (done, shape) in shapes.enumerated() {
                try progress(index * shapes.count + done, total)
                let rate = try measure(one, all) { try KernelRun(shape, on: $0).rate(shape.macs) }
                entry.shapes.append(.init(shape: shape, rate: rate))
            }
            report.tiers.append(entry)
        }
        try progress(total, total)
        return report
    }

    private func measure(
        _ one: Compute, _ all: Compute, _ rate: (Compute) throws -> Double
    ) rethrows -> KernelReport.Rate {
        let first = try rate(one)
        return .init(one: first, all: one === all ? first : try rate(all))
    }
}
