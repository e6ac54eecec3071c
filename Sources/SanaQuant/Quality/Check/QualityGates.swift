import SanaModel

/// What the figures must reach.
public struct QualityGates: Sendable {
    /// The mean CLIP similarity, at least.
    public var minSimilarity: Double?
    /// The CLIP similarity of every prompt, at least.
    public var minWorstSimilarity: Double?
    /// The mean CLIP score drop, at most.
    public var maxScoreDrop: Double?

    public init(
        minSimilarity: Double? = nil, minWorstSimilarity: Double? = nil, maxScoreDrop: Double? = nil
    ) {
        self.minSimilarity = minSimilarity
        self.minWorstSimilarity = minWorstSimilarity
        self.maxScoreDrop = maxScoreDrop
    }

    /// - Precondition: there are results.
    func outcomes(_ results: [QualityResult], _ summary: FigureSummary) -> [GateOutcome] {
        let gates: [(String, String, Figure, Double, Double?)] = [
            ("--min-similarity", "mean", .similarity, summary.mean[.similarity], minSimilarity),
            (
                "--min-worst-similarity", "worst", .similarity, summary.worst[.similarity],
                minWorstSimilarity
            ),
            ("--max-score-drop", "mean", .drop, summary.mean[.drop], maxScoreDrop),
        ]
        return gates.compactMap { option, kind, figure, value, limit in
            guard let limit, let worst = results.worst(figure) else { return nil }
            return GateOutcome(
                option: option, kind: kind, figure: figure, value: value, limit: limit, worst: worst)
        }
    }
}

/// How a gate came out.
public struct GateOutcome: Sendable {
    public let option: String
    /// `mean` or `worst`.
    public let kind: String
    public let figure: Figure
    public let value: Double
    public let limit: Double
    /// The prompt with the figure's worst value.
    public let worst: QualityResult

    public var isPassed: Bool { figure.isBetterSmall ? value <= limit : value >= limit }

    /// What failed, in a sentence.
    var sentence: String {
        let number =
            "prompt \(worst.index + 1), \(worst.prompt.quoted) with seed \(worst.prompt.seed)"
        let wants = "\(figure.isBetterSmall ? "above" : "below") the \(limit) of \(option)"
        let name = figure == .drop ? "CLIP score drop" : "CLIP similarity"
        return kind == "worst"
            ? "The worst \(name) is \(shown(value)), \(wants): \(number)."
            : "The mean \(name) is \(shown(value)), \(wants); the worst is \(shown(worst.figures[figure])): \(number)."
    }

    /// Enough digits to tell the value from the limit.
    private func shown(_ value: Double) -> String { "\((value * 1e6).rounded() / 1e6)" }
}

extension [QualityResult] {
    /// The first prompt with the worst value of a figure.
    public func worst(_ figure: Figure) -> QualityResult? {
        let sign = figure.isBetterSmall ? -1.0 : 1.0
        return self.min { (sign * $0.figures[figure], $0.index) < (sign * $1.figures[figure], $1.index) }
    }
}

/// At least one gate was not met.
public struct GateFailure: Failure {
    public let outcomes: [GateOutcome]

    public var exitCode: ExitCode { .qualityGate }
    public var description: String { outcomes.map(\.sentence).joined(separator: " ") }
}
