import SanaEdge
import SanaModel

/// Measures the int8 products of some tiers against the peak of their instructions.
public struct KernelBenchmark: Sendable {
    public var tiers = Tier.available
    public var threads = Compute.availableProcessors
    public var shapes = KernelShape.all

    public init() {}

    /// `progress` takes the shapes that are done and all shapes of all tiers; it is called before each product and may
    /// throw to stop.
    public func run(progress: (Int, Int) throws -> Void) throws -> KernelReport {
        let total = tiers.count * shapes.count
        var report = KernelReport(threads: threads)
        for (index, tier) in tiers.enumerated() {
            let one = Compute(threads: 1, tier: tier)
            let all = threads == 1 ? one : Compute(threads: threads, tier: tier)
            report.threads = all.threads
            var entry = KernelReport.TierEntry(
                tier: tier.name, peak: measure(one, all) { BestRate.peak(.int8, on: $0) },
                floatPeak: measure(one, all) { BestRate.peak(.float32, on: $0) })
            for (done, shape) in shapes.enumerated() {
                let rates = try measure(one, all) {
                    try rate(of: shape, on: $0) { try progress(index * shapes.count + done, total) }
                }
                entry.shapes.append(.init(shape: shape, rate: rates))
            }
            report.tiers.append(entry)
        }
        try progress(total, total)
        return report
    }

    private func rate(
        of shape: KernelShape, on compute: Compute, progress: () throws -> Void
    ) throws -> Double {
        try progress()
        let run = try KernelRun(shape, on: compute)
        return try BestRate.measure {
            try progress()
            try run.work()
            return shape.macs
        }
    }

    private func measure(
        _ one: Compute, _ all: Compute, _ rate: (Compute) throws -> Double
    ) rethrows -> KernelReport.Rate {
        let first = try rate(one)
        return .init(one: first, all: one === all ? first : try rate(all))
    }
}
