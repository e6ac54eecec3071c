import SanaModel
import SanaQuant

/// What a benchmark of the kernels measured, for people.
struct KernelSummary {
    private let report: KernelReport

    init(_ report: KernelReport) {
        self.report = report
    }

    var text: String { report.tiers.map(text).joined(separator: "\n\n") }

    private func text(_ tier: KernelReport.TierEntry) -> String {
        var table = TextTable(
            [.left("product"), .left("then"), .right("1 thread"), .right("of peak")]
                + (report.threads == 1 ? [] : [.right("\(report.threads) threads"), .right("of peak")]))
        func add(_ name: String, _ then: String, _ rate: KernelReport.Rate, _ peak: KernelReport.Rate?) {
            func cells(_ rate: Double, _ peak: Double?) -> [String] {
                [fixed(rate, 1), peak.map { "\(fixed(100 * rate / $0, 1)) %" } ?? ""]
            }
            table.add(
                [name, then] + cells(rate.one, peak?.one)
                    + (report.threads == 1 ? [] : cells(rate.all, peak?.all)))
        }
        add("registers, int8", "", tier.peak, nil)
        add("registers, float32", "", tier.floatPeak, nil)
        for entry in tier.shapes {
            let (name, then) = words(entry.shape)
            add(name, then, entry.rate, tier.peak)
        }
        return "\(tier.tier), GMAC/s\n\(table.text)"
    }

    private func words(_ shape: KernelShape) -> (name: String, then: String) {
        switch shape {
        case .gemm(let rows, let columns, let depth, let epilogue):
            ("\(rows) x \(columns) x \(depth)", epilogue.rawValue)
        case .convolution(let height, let width, let inputs, let outputs, let upsamples):
            (
                "3x3 \(inputs) to \(outputs), \(height) x \(width)\(upsamples ? " doubled" : "")",
                upsamples ? "bias" : "bias, SiLU"
            )
        }
    }
}
