import SanaModel

/// A study's report as one page: policies as a whole, then what each layer costs.
public struct SensitivityPage {
    private let report: SensitivityReport

    public init(_ report: SensitivityReport) {
        self.report = report
    }

    /// The whole file, as UTF-8.
    public var bytes: [UInt8] { HTMLPage(title: "\(report.model): what INT8 costs", body: body).bytes }

    private var body: HTML {
        let (prompts, steps) = (report.prompts.count, report.steps)
        return """
            <header>
            <h1>What INT8 costs \(report.model), layer by layer</h1>
            <p>\(prompts) \(prompts == 1 ? "prompt" : "prompts"), \(steps) \(steps == 1 ? "step" : "steps"), guidance \
            \("\(report.guidance)").</p>
            </header>
            <section>
            <h2>Policies as a whole</h2>
            \(policies)
            <p class="note">The reference keeps all layers at 16 bits and has \(SanaModel.bytes(report.referenceBytes)). \
            Velocity is the signal to noise of what the transformer gives on the reference's own latents; picture is the \
            PSNR of what is drawn from the first step to the last. The higher, the nearer to the reference.</p>
            </section>
            \(plots)
            <section class="prompts">
            <h2>Each layer alone in INT8</h2>
            <p class="note">All others stay at 16 bits; the worst picture first. A layer of the decoder does not change \
            velocities.</p>
            \(layers)
            </section>
            """
    }

    private var plots: HTML {
        let shown = [blocks, steps].filter { !$0.series.isEmpty }
        guard !shown.isEmpty else { return "" }
        return """
            <section>
            <h2>Where the velocity suffers</h2>
            <div class="plots">
            \(shown.map(\.html))
            </div>
            </section>
            """
    }

    private var policies: HTML {
        var table = HTMLTable(
            "The policies and what they cost",
            [.text("Policy"), .number("Pack"), .number("Layers at 16 bits")] + effectColumns)
        for (name, choice) in report.policies { table.add(row(name, choice)) }
        if let chosen = report.chosen {
            table.add(row(chosen.isMet ? "chosen" : "chosen, misses its budget", chosen), isTotal: true)
        }
        return table.html
    }

    private func row(_ name: String, _ choice: SensitivityReport.Choice) -> [HTML] {
        ["\(name)", "\(SanaModel.bytes(choice.bytes))", "\(choice.kept.count)"] + cells(choice.effect)
    }

    private var layers: HTML {
        var table = HTMLTable(
            "What each layer costs",
            [.text("Layer"), .text("Scheme"), .number("Saves")] + effectColumns)
        for layer in report.ranked {
            let saved = SanaModel.bytes(max(0, layer.bytes16 - layer.bytes8))
            table.add(
                ["<bdi>\(Self.breakable(layer.name))</bdi>", "\(layer.scheme.name)", "\(saved)"]
                    + cells(layer.effect))
        }
        return table.html
    }

    /// A name that a narrow page breaks behind its dots.
    private static func breakable(_ name: String) -> HTML {
        HTML(joining: name.split(separator: ".").map { "\(String($0))" }, separator: ".<wbr>")
    }

    // MARK: What an effect is

    private var hasSimilarity: Bool { report.layers.contains { $0.effect.similarity != nil } }

    private var effectColumns: [HTMLTable.Column] {
        [.number("Velocity, dB"), .number("Worst step, dB"), .number("Picture, dB")]
            + (hasSimilarity ? [.number("Least similarity")] : [])
    }

    private func cells(_ effect: SensitivityReport.Effect) -> [HTML] {
        let levels = [effect.meanVelocity, effect.velocity.min(), effect.psnr].map { level -> HTML in
            guard let level else { return "" }
            return level.isFinite ? "\(signed(fixed(level, 1)))" : "equal"
        }
        guard hasSimilarity else { return levels }
        return levels + ["\(effect.similarity.map { fixed($0, 5) } ?? "")"]
    }

    // MARK: Plots

    /// One series for each kind of layer in the transformer's blocks.
    private var blocks: SeriesPlot {
        var kinds: [String] = []
        var points: [String: [(x: Double, y: Double)]] = [:]
        for layer in report.layers {
            guard let (block, kind) = Self.place(layer.name), let level = layer.effect.meanVelocity else {
                continue
            }
            if points[kind] == nil { kinds.append(kind) }
            points[kind, default: []].append((Double(block), level))
        }
        return SeriesPlot(
            title: "Block by block", xLabel: "block", yLabel: "dB",
            series: kinds.map { .init(name: $0, points: points[$0] ?? []) })
    }

    /// The layers that cost most.
    private var steps: SeriesPlot {
        let worst = report.layers.filter { !$0.effect.velocity.isEmpty }
            .sorted { ($0.effect.meanVelocity ?? 0) < ($1.effect.meanVelocity ?? 0) }.prefix(6)
        return SeriesPlot(
            title: "Step by step, the layers that cost most", xLabel: "step", yLabel: "dB",
            series: worst.map { layer in
                let levels = layer.effect.velocity.enumerated().map { (x: Double($0 + 1), y: $1) }
                return .init(name: Self.shortName(layer.name), points: levels)
            }, hasLines: true)
    }

    /// `transformer.transformer_blocks.7.attn1.to_q.weight` is `attn1.to_q` of block 7.
    private static func place(_ name: String) -> (block: Int, kind: String)? {
        let parts = name.split(separator: ".")
        guard parts.count > 4, parts[1] == "transformer_blocks", let block = Int(parts[2]) else { return nil }
        return (block, parts[3..<5].joined(separator: "."))
    }

    private static func shortName(_ name: String) -> String {
        if let (block, kind) = place(name) { return "block \(block) \(kind)" }
        return name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : name
    }
}
