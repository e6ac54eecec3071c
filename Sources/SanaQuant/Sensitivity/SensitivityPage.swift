import SanaModel

/// A study's report as one HTML page that needs nothing else.
public struct SensitivityPage {
    private let report: SensitivityReport

    public init(_ report: SensitivityReport) {
        self.report = report
    }

    public var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Sensitivity of \(HTML.escaped(report.model))</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <main>
        <h1>What INT8 costs \(HTML.escaped(report.model)), layer by layer</h1>
        <p>Each layer alone in INT8, everything else at 16 bits: \(report.prompts.count) prompts, \
        \(report.steps) steps, guidance \(decimal(report.guidance)). Velocities are compared on the reference's own \
        latents at each step, pictures from the first step to the last. The higher, the less a layer costs.</p>
        <h2>Policies as a whole</h2>
        \(policies)
        <h2>Velocity, block by block</h2>
        <figure>\(blocks.svg)\(blocks.legend)</figure>
        <h2>Velocity, step by step: the layers that cost most</h2>
        <figure>\(steps.svg)\(steps.legend)</figure>
        <h2>All layers, the worst picture first</h2>
        \(layers)
        </main>
        </body>
        </html>

        """
    }

    private var policies: String {
        var rows = report.policies.map { ($0.name, $0.choice) }
        if let chosen = report.chosen { rows.append(("chosen", chosen)) }
        let body = rows.map { name, choice in
            """
            <tr><td>\(HTML.escaped(name))</td><td>\(megabytes(choice.bytes))</td><td>\(choice.kept.count)</td>\
            <td>\(decimal(choice.effect.meanVelocity))</td><td>\(decimal(choice.effect.psnr))</td>\
            \(similarity(choice.effect))</tr>
            """
        }
        return table(
            ["policy", "MB", "layers kept at 16 bits", "velocity, dB", "picture, dB"] + similarityTitle, body)
            + "<p>The reference has \(megabytes(report.referenceBytes)) MB.</p>"
    }

    private var layers: String {
        let body = report.ranked.map { layer in
            """
            <tr><td>\(HTML.escaped(layer.name))</td><td>\(layer.scheme.name)</td>\
            <td>\(decimal(Double(layer.bytes16 - layer.bytes8) / 1000))</td>\
            <td>\(decimal(layer.effect.meanVelocity))</td><td>\(decimal(layer.effect.velocity.min()))</td>\
            <td>\(decimal(layer.effect.psnr))</td>\(similarity(layer.effect))</tr>
            """
        }
        return table(
            ["layer", "scheme", "kB saved", "velocity, dB", "at the worst step", "picture, dB"]
                + similarityTitle, body)
    }

    /// One series for each kind of layer in the transformer's blocks.
    private var blocks: SensitivityPlot {
        var kinds: [String] = []
        var points: [String: [(x: Double, y: Double)]] = [:]
        for layer in report.layers {
            guard let (block, kind) = Self.place(layer.name), let level = layer.effect.meanVelocity else {
                continue
            }
            if points[kind] == nil { kinds.append(kind) }
            points[kind, default: []].append((Double(block), level))
        }
        return SensitivityPlot(
            title: "Signal to noise of the velocity for each layer of each block", xLabel: "block",
            yLabel: "velocity, dB", series: kinds.map { .init(name: $0, points: points[$0] ?? []) })
    }

    private var steps: SensitivityPlot {
        let worst = report.layers.filter { !$0.effect.velocity.isEmpty }
            .sorted { ($0.effect.meanVelocity ?? 0) < ($1.effect.meanVelocity ?? 0) }.prefix(6)
        return SensitivityPlot(
            title: "Signal to noise of the velocity at each step", xLabel: "step", yLabel: "velocity, dB",
            series: worst.map { layer in
                .init(
                    name: layer.name,
                    points: layer.effect.velocity.enumerated().map { (Double($0.offset + 1), $0.element) })
            }, hasLines: true)
    }

    /// `transformer.transformer_blocks.7.attn1.to_q.weight` is `attn1.to_q` of block 7.
    private static func place(_ name: String) -> (block: Int, kind: String)? {
        let parts = name.split(separator: ".")
        guard parts.count > 4, parts[1] == "transformer_blocks", let block = Int(parts[2]) else { return nil }
        return (block, parts[3..<5].joined(separator: "."))
    }

    private func table(_ titles: [String], _ rows: [String]) -> String {
        "<div class=\"wide\"><table><thead><tr>" + titles.map { "<th>\($0)</th>" }.joined()
            + "</tr></thead><tbody>" + rows.joined() + "</tbody></table></div>"
    }

    /// The title of the column of similarities, where there was a CLIP.
    private var similarityTitle: [String] {
        report.layers.contains { $0.effect.similarity != nil } ? ["least CLIP similarity"] : []
    }

    private func similarity(_ effect: SensitivityReport.Effect) -> String {
        effect.similarity.map { "<td>\(decimal($0, places: 5))</td>" } ?? ""
    }

    private func megabytes(_ count: Int) -> String { decimal(Double(count) / 1_000_000) }

    private func decimal(_ value: Double?, places: Int = 1) -> String {
        guard let value else { return "" }
        guard value.isFinite else { return "equal" }
        let unit = UInt((0..<places).reduce(1) { unit, _ in 10 * unit })
        let (whole, rest) = UInt((value.magnitude * Double(unit)).rounded()).quotientAndRemainder(
            dividingBy: unit)
        let digits = String(rest)
        let padding = String(repeating: "0", count: places - digits.count)
        return "\(value < 0 ? "-" : "")\(whole).\(padding)\(digits)"
    }

    private static let style = """
        :root { color-scheme: light dark; --text: #1c1e21; --soft: #5c636b; --line: #d9dde1; --page: #fff; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #e6e8ea; --soft: #9aa3ac; --line: #353b41; --page: #15181b; }
        }
        body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        figure { margin: 0; } svg { width: 100%; height: auto; }
        svg text { font-size: 12px; fill: var(--soft); } .end { text-anchor: end; }
        .middle { text-anchor: middle; } .grid { stroke: var(--line); }
        circle { fill: var(--c); } polyline { fill: none; stroke: var(--c); stroke-width: 1.5; }
        .legend { color: var(--soft); font-size: .85rem; } .legend span { margin-right: 1rem; }
        .legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; background: var(--c);
          margin-right: .35rem; }
        .c0 { --c: #3566b8; } .c1 { --c: #d2761b; } .c2 { --c: #2f8f5b; } .c3 { --c: #c0392b; }
        .c4 { --c: #8257c2; } .c5 { --c: #8a6a3f; } .c6 { --c: #c4569a; } .c7 { --c: #6f7780; }
        .c8 { --c: #9a9a1f; } .c9 { --c: #1f9aa8; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .25rem .75rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line);
          white-space: nowrap; }
        th { color: var(--soft); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
        """
}
