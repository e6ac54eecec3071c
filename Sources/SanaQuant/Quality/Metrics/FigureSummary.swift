/// What the figures of many prompts come to.
public struct FigureSummary: Sendable, Equatable {
    public let mean: Figures
    /// Each figure's own worst.
    public let worst: Figures
    /// What five prompts in a hundred do not reach: the 5th percentile from the bad end, linear between two prompts.
    public let percentile5: Figures
    /// Where the mean lies in 95 of 100 samples of as many prompts, drawn from these with replacement: the percentile
    /// bootstrap of Efron.
    public let low: Figures
    public let high: Figures

    /// Samples that are drawn.
    static let sampleCount = 2000
    private static let seed: UInt64 = 0x5A4A

    /// - Precondition: there is at least one.
    public init(_ prompts: [Figures]) {
        precondition(!prompts.isEmpty)
        mean = Figures { figure in FigureSummary.mean(prompts.map { $0[figure] }) }
        worst = Figures { figure in
            let values = prompts.map { $0[figure] }
            return (figure.isBetterSmall ? values.max() : values.min()) ?? 0
        }
        percentile5 = Figures { figure in
            quantile(prompts.map { $0[figure] }.sorted(), figure.isBetterSmall ? 0.95 : 0.05)
        }
        let means = Self.sampledMeans(prompts)
        low = Figures { figure in quantile(means[figure.place], 0.025) }
        high = Figures { figure in quantile(means[figure.place], 0.975) }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// Each figure's mean over each sample, sorted. Always the same samples.
    private static func sampledMeans(_ prompts: [Figures]) -> [[Double]] {
        var generator = SplitMix64(seed: seed)
        var means = Figure.allCases.map { _ in [Double]() }
        for _ in 0..<sampleCount {
            var sums = Figure.allCases.map { _ in 0.0 }
            for _ in prompts {
                let prompt = prompts[Int(generator.next() % UInt64(prompts.count))]
                for figure in Figure.allCases { sums[figure.place] += prompt[figure] }
            }
            for (place, sum) in sums.enumerated() { means[place].append(sum / Double(prompts.count)) }
        }
        return means.map { $0.sorted() }
    }
}

/// The value below which a share of sorted values lies, linear between two of them.
private func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
}
