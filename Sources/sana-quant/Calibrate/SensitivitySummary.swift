import SanaModel
import SanaQuant

/// What a study of layers found, for people.
struct SensitivitySummary {
    private let report: SensitivityReport

    init(_ report: SensitivityReport) {
        self.report = report
    }

    var text: String {
        var parts = [layers.text, policies.text]
        if let chosen = report.chosen {
            parts.append(
                chosen.kept.isEmpty
                    ? "The chosen policy keeps no layer at 16 bits."
                    : "The chosen policy keeps at 16 bits:\n"
                        + chosen.kept.map { "  \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    /// The worst picture first.
    private var layers: TextTable {
        var table = TextTable(
            [
                .left("layer alone in INT8"), .left("scheme"), .right("saves"), .right("velocity dB"),
                .right("worst step"), .right("picture dB"),
            ] + similarityColumn)
        for layer in report.ranked {
            table.add(
                [
                    layer.name, layer.scheme.name, bytes(max(0, layer.bytes16 - layer.bytes8)),
                    level(layer.effect.meanVelocity), level(layer.effect.velocity.min()),
                    level(layer.effect.psnr),
                ] + similarity(layer.effect))
        }
        return table
    }

    private var policies: TextTable {
        var table = TextTable(
            [
                .left("policy"), .right("pack"), .right("kept"), .right("velocity dB"), .right("picture dB"),
            ] + similarityColumn)
        var rows = report.policies
        if let chosen = report.chosen { rows.append(("chosen", chosen)) }
        for (name, choice) in rows {
            table.add(
                [
                    name, bytes(choice.bytes), String(choice.kept.count), level(choice.effect.meanVelocity),
                    level(choice.effect.psnr),
                ] + similarity(choice.effect))
        }
        return table
    }

    /// Where there was a CLIP.
    private var similarityColumn: [TextTable.Column] {
        report.layers.contains { $0.effect.similarity != nil } ? [.right("similarity")] : []
    }

    private func similarity(_ effect: SensitivityReport.Effect) -> [String] {
        effect.similarity.map { [fixed($0, 5)] } ?? []
    }

    private func level(_ decibels: Double?) -> String {
        guard let decibels else { return "" }
        return decibels.isFinite ? fixed(decibels, 1) : "equal"
    }
}
