import SanaModel
import SanaQuant

/// What a model's benchmark measured, for people.
struct ModelSummary {
    private let report: ModelReport

    init(_ report: ModelReport) {
        self.report = report
    }

    var text: String {
        ([headline, parts] + report.parts.compactMap(profile)).joined(separator: "\n\n")
    }

    private var headline: String {
        "\(report.preset.rawValue), policy \(report.policy), \(report.width)x\(report.height) pixels, "
            + "\(report.tier), \(report.threads) thread\(report.threads == 1 ? "" : "s")\n"
            + "Peak: \(fixed(report.peakGMACs, 0)) GMAC/s in int8, "
            + "\(fixed(report.floatPeakGMACs, 0)) in float32"
    }

    private var parts: String {
        var table = TextTable([
            .left("part"), .right("seconds"), .right("GMAC"), .right("GMAC/s"), .right("of peak"),
            .right("times the bound"),
        ])
        for part in report.parts {
            let seconds = part.timing.seconds
            var row = [title(part), fixed(seconds, 4)]
            if let macs = part.macs {
                let (work, bound) = (Double(macs) / 1e9, report.boundGMACs)
                let rate = work / seconds
                row += [
                    fixed(work, 2), fixed(rate, 1), "\(fixed(100 * rate / bound, 1)) %",
                    fixed(bound / rate, 2),
                ]
            } else {
                row += ["", "", "", ""]
            }
            table.add(row)
        }
        return table.text
    }

    private func title(_ part: ModelReport.Part) -> String {
        switch part.name {
        case "text30": "text encoder, 30 tokens"
        case "text300": "text encoder, 300 tokens"
        case "transformerPass": "transformer pass"
        case "decode": "decoder"
        case "load": "load of the transformer"
        default: part.name
        }
    }

    /// nil without a profile.
    private func profile(_ part: ModelReport.Part) -> String? {
        guard !part.timing.operations.isEmpty else { return nil }
        var table = TextTable([.left(title(part)), .right("seconds"), .right("share")])
        func add(_ name: String, _ seconds: Double) {
            table.add([name, fixed(seconds, 4), "\(fixed(100 * seconds / part.timing.seconds, 1)) %"])
        }
        for operation in part.timing.operations { add(operation.name, operation.seconds) }
        add("all", part.timing.operations.reduce(0) { $0 + $1.seconds })
        return table.text
    }
}
