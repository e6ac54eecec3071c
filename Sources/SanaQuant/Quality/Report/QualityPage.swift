import SanaModel

/// A report as one page: what came out first, then the pictures, then how it was made.
struct QualityPage {
    let report: QualityReport
    /// The worst prompts' pictures, the worst first.
    let rows: [PictureRow]
    /// The files of a prompt's pictures, from the page's folder; nil where they are not there.
    let files: (Int) -> (reference: String, candidate: String)?

    var bytes: [UInt8] { HTMLPage(title: title, body: body).bytes }

    private var candidate: ComparedSide { ComparedSide(report.about.candidate) }
    private var reference: ComparedSide { ComparedSide(report.about.reference) }

    private var title: String {
        let names = ComparedSide.names(candidate, reference)
        return (candidate.model.map { "\($0): " } ?? "") + "\(names.candidate) against \(names.reference)"
    }

    private var body: HTML {
        """
        <header>
        <h1>\(title)</h1>
        \(opening)
        \(verdict)
        </header>
        \(figures)
        \(pictures)
        \(QualityFacts(about: report.about).html)
        \(prompts)
        """
    }

    private var opening: HTML {
        let count = report.results.count
        let how =
            candidate.isPack
            ? "drawn from the same noise by both packs" : "with a picture in each of two folders"
        return "<p>\(count) \(count == 1 ? "prompt" : "prompts"), \(how).</p>"
    }

    private var verdict: HTML {
        guard report.summary != nil else { return "<p class=\"verdict\">This shard has no prompts.</p>" }
        guard !report.gates.isEmpty else { return "<p class=\"verdict\">No bounds were set.</p>" }
        let outcome: HTML =
            report.isPassed
            ? "<strong class=\"passed\">Passed.</strong>" : "<strong class=\"failed\">Failed.</strong>"
        let sentences = report.gates.map { $0.isPassed ? $0.passedSentence : $0.sentence }
        return "<p class=\"verdict\">\(outcome) \(sentences.joined(separator: " "))</p>"
    }

    private var figures: HTML {
        guard let summary = report.summary else { return "" }
        var table = HTMLTable(
            "The figures of all prompts together",
            [
                .text("Figure"), .number("Mean"), .number("95 % interval"), .number("5th percentile"),
                .number("Worst"),
            ])
        for figure in Figure.allCases {
            let (low, high) = (figure.shown(summary.low[figure]), figure.shown(summary.high[figure]))
            table.add([
                "\(figure.title)", "\(figure.shown(summary.mean[figure]))",
                "<span>\(low) to</span> <span>\(high)</span>", "\(figure.shown(summary.percentile5[figure]))",
                "\(figure.shown(summary.worst[figure]))",
            ])
        }
        let plots = [Figure.similarity, .drop].map { figure in
            DotPlot(figure: figure, results: report.results, mean: summary.mean[figure]).html
        }
        return """
            <section>
            <h2>Figures</h2>
            \(table.html)
            <p class="note">CLIP similarity is the cosine between what CLIP sees in the two pictures. A CLIP score is \
            100 × max(cosine, 0) of a picture and its prompt; the drop is what the reference has more of it than the \
            candidate. PSNR and SSIM compare the pixels. The mean lies in its interval in 95 of 100 bootstrap samples; \
            the 5th percentile counts from the bad end.</p>
            <h2>From the worst prompt to the best</h2>
            <div class="plots">
            \(plots)
            </div>
            </section>
            """
    }

    private var pictures: HTML {
        guard !rows.isEmpty else { return "" }
        let count = report.results.count
        let which =
            rows.count == count
            ? "The least similar first." : "The \(rows.count) least similar of \(count), the least first."
        let reduction = rows.map(\.pictures.reduction).max() ?? 1
        let size = reduction > 1 ? " They are shown at 1/\(reduction) of their size." : ""
        return """
            <section>
            <h2>Pictures</h2>
            <p class="note">\(which)\(size) The difference is |candidate − reference| × \(DifferenceMap.factor) in each \
            channel: black where the pictures are equal.</p>
            \(rows.map(\.html))</section>
            """
    }

    /// Every prompt's figures, and the way to the pictures that the page has no room for.
    private var prompts: HTML {
        guard !report.results.isEmpty else { return "" }
        let shown = Set(rows.map(\.result.index))
        let linked = Dictionary(
            uniqueKeysWithValues: report.results.lazy.map(\.index).filter { !shown.contains($0) }
                .compactMap { index in files(index).map { (index, $0) } })
        var table = HTMLTable(
            "The figures of each prompt",
            [.text("Prompt"), .number("Seed")] + Figure.allCases.map { .number("\($0.shortTitle)") }
                + (linked.isEmpty ? [] : [.text("Pictures")]))
        for result in report.results {
            let name: HTML =
                "<span class=\"place\">\(result.index + 1)</span> <bdi>\(result.prompt.string)</bdi>"
            var cells = [name, "\(result.prompt.seed)"]
            cells += Figure.allCases.map { "\($0.shown(result.figures[$0]))" }
            if !linked.isEmpty {
                cells.append(
                    linked[result.index].map { files in
                        "<a href=\"\(files.reference)\">reference</a> <a href=\"\(files.candidate)\">candidate</a>"
                    } ?? "above")
            }
            table.add(cells)
        }
        let note: HTML =
            linked.isEmpty ? "" : "<p class=\"note\">Links lead to files beside this page, in its folder.</p>"
        return """
            <section class="prompts">
            <h2>Figures of every prompt</h2>
            \(note)
            \(table.html)
            </section>
            """
    }
}

extension GateOutcome {
    /// What was met, in a sentence.
    fileprivate var passedSentence: String {
        let name = figure == .drop ? "CLIP score drop" : "CLIP similarity"
        let millionths = (value * 1e6).rounded() / 1e6
        return "The \(kind) \(name) is \(signed("\(millionths)")), \(isBounded) the \(limit) of \(option)."
    }

    private var isBounded: String { figure.isBetterSmall ? "at most" : "at least" }
}
