import SanaModel
import SanaQuant

/// What a conversion did, for people.
struct ConversionSummary {
    private let report: ConversionReport

    init(_ report: ConversionReport) {
        self.report = report
    }

    var text: String {
        ([headline, sizes.text] + [kept, calibration, worst].compactMap(\.self)).joined(separator: "\n\n")
    }

    private var headline: String {
        let share = fixed(100 * Double(report.bytesAfter) / Double(max(1, report.bytesBefore)), 1)
        return "\(report.path): \(bytes(report.bytesAfter)), \(share) % of the checkpoint's "
            + "\(bytes(report.bytesBefore)), policy \(report.policy), in \(time(.seconds(report.seconds)))"
    }

    private var sizes: TextTable {
        var table = TextTable([
            .left("component"), .left("scheme"), .right("tensors"), .right("before"), .right("after"),
        ])
        for component in Component.allCases {
            var name = component.title
            for scheme in Scheme.allCases {
                let sum = report.sum(component, scheme)
                guard sum.tensors > 0 else { continue }
                table.add([
                    name, scheme.name, String(sum.tensors), bytes(sum.bytesBefore), bytes(sum.bytesAfter),
                ])
                name = ""
            }
        }
        return table
    }

    /// What is not quantized, one line for each reason; nil where there is nothing.
    private var kept: String? {
        var reasons: [String] = []
        var sums: [String: ConversionReport.Sum] = [:]
        for tensor in report.tensors where !tensor.scheme.isQuantized {
            let reason = tensor.reason ?? "the policy gives no reason"
            if sums[reason] == nil { reasons.append(reason) }
            sums[reason, default: .init()].add(tensor)
        }
        guard !reasons.isEmpty else { return nil }
        var table = TextTable([.right("tensors"), .right("size"), .left("reason")])
        for reason in reasons {
            guard let sum = sums[reason] else { continue }
            table.add([String(sum.tensors), bytes(sum.bytesAfter), reason])
        }
        return "Kept at full precision:\n" + table.text
    }

    /// What a calibration did; nil without one.
    private var calibration: String? {
        guard let calibration = report.calibration, !calibration.isOfOtherWeights else { return nil }
        let outcomes = report.tensors.compactMap(\.calibration)
        guard outcomes.contains(where: { !$0.isPlain }) else {
            return "Calibration: no INT8 tensor took anything from it; all keep plain scales."
        }
        let (smoothed, searched, plain) = (
            outcomes.filter { $0.alpha != nil }.count, outcomes.filter(\.hasSearchedScales).count,
            outcomes.filter(\.isPlain).count
        )
        var lines = [
            "Calibration: of \(outcomes.count) INT8 tensors \(smoothed) took factors of their input's channels and "
                + "\(searched) got searched scales; \(plain) keep plain scales, which lost no more."
        ]
        let gains = outcomes.compactMap { outcome in
            outcome.decibels.flatMap { after in outcome.plainDecibels.map { after - $0 } }
        }
        if let most = gains.max() {
            let mean = gains.reduce(0, +) / Double(gains.count)
            lines.append(
                "Signal to noise of their outputs rose by \(fixed(mean, 1)) dB on average, \(fixed(most, 1)) dB at "
                    + "most.")
        }
        lines += calibration.verdicts.filter(\.isKept).map { verdict in
            "The \(verdict.component.title) on small pictures of the calibration: "
                + "\(fixed(verdict.calibratedDecibels, 1)) dB, plain \(fixed(verdict.plainDecibels, 1)) dB."
        }
        return lines.joined(separator: "\n")
    }

    /// The tensors that moved most; nil where none did.
    private var worst: String? {
        let tensors = report.worst(5)
        guard !tensors.isEmpty else { return nil }
        var table = TextTable([
            .right("dB"), .right("worst row"), .right("its dB"), .left("scheme"), .left("tensor"),
        ])
        for tensor in tensors {
            table.add([
                tensor.error.decibels.map { fixed($0, 1) } ?? "",
                tensor.error.worstRow.map { String($0.index) } ?? "",
                tensor.error.worstRow.map { fixed($0.decibels, 1) } ?? "", tensor.scheme.name, tensor.name,
            ])
        }
        return "Furthest from the checkpoint (signal to quantization noise):\n" + table.text
    }
}
