import SanaModel
import SanaQuant

/// A check's figures for people.
struct CheckSummary {
    private let report: QualityReport

    init(_ report: QualityReport) {
        self.report = report
    }

    var text: String {
        guard let summary = report.summary, let worst = report.results.worst(.similarity) else {
            return "This shard has no prompts."
        }
        var table = TextTable([
            .left("figure"), .right("mean"), .right("95 % interval"), .right("5th percentile"),
            .right("worst"),
        ])
        for figure in Figure.allCases {
            func shown(_ figures: Figures) -> String { fixed(figures[figure], figure.decimals) }
            table.add([
                figure.title, shown(summary.mean), "\(shown(summary.low)) to \(shown(summary.high))",
                shown(summary.percentile5), shown(summary.worst),
            ])
        }
        let count = report.results.count
        return """
            \(table.text)
            \(count) \(count == 1 ? "picture" : "pictures"); the least similar is that of prompt \
            \(worst.index + 1), \(worst.prompt.quoted), seed \(worst.prompt.seed).
            """
    }
}
