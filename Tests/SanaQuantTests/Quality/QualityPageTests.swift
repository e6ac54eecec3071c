import Foundation
import SanaEdge
import SanaModel
import SanaQuant
import Testing

/// The page of a report, written into a folder of its own and read back.
@Suite struct QualityPageTests {
    private let folder: TemporaryFolder
    private let report: ReportFolder

    init() throws {
        folder = try TemporaryFolder()
        report = try ReportFolder(path: folder.path)
    }

    private static let about = QualityReport.About(
        candidate: [
            "kind": "pack", "path": "edge.sanaq", "bytes": 1_310_000, "model": "small", "policy": "edge",
            "rules": "rules:\n- {tensors: '*', scheme: <f16>}\n", "tool": "sana-quant 9.8.7",
            "calibrated": true,
            "components": [
                ["name": "vae", "schemes": [["name": "w8a8", "tensors": 4711, "storedBytes": 8_150_000]]]
            ],
        ],
        reference: ["kind": "pack", "path": "fp16.sanaq", "bytes": 2_620_000, "policy": "fp16"],
        clip: "a/clip", settings: ["width": 768, "height": 640, "steps": 17, "guidance": 3.25],
        machine: ["processor": "Some <CPU>", "tier": "avx2", "threads": 3])

    private static func prompt(_ index: Int) -> QualityPrompt {
        QualityPrompt(text: Array("prompt number \(index)".utf8), seed: 1000 + index)
    }

    /// Figures that differ from prompt to prompt; the similarity is least in the middle.
    private static func results(_ count: Int, prompt: (Int) -> QualityPrompt = Self.prompt) -> [QualityResult]
    {
        (0..<count).map { index in
            let distance = Double(abs(index - count / 2))
            return QualityResult(
                index: index, prompt: prompt(index),
                figures: Figures { figure in
                    switch figure {
                    case .similarity: 0.9 + 0.0013 * distance
                    case .scoreReference: 31.17 + 0.37 * Double(index)
                    case .scoreCandidate: 31 + 0.41 * Double(index)
                    case .drop: 0.17 - 0.04 * Double(index)
                    case .psnr: 33.33 + 0.53 * distance
                    case .ssim: 0.8 + 0.0021 * distance
                    }
                })
        }
    }

    private func write(
        _ results: [QualityResult], gates: QualityGates = QualityGates(),
        about: QualityReport.About = Self.about
    ) throws -> String {
        try report.write(QualityReport(results, about: about, gates: gates))
        return String(decoding: try readWholeFile(folder.path("report.html"), limit: 1 << 30), as: UTF8.self)
    }

    /// Two pictures of a prompt, the candidate's brighter by 5 in one pixel.
    @discardableResult
    private func draw(_ index: Int, width: Int = 6, height: Int = 4) throws -> (
        reference: RGBImage, candidate: RGBImage
    ) {
        var pixels = (0..<3 * width * height).map { UInt8(($0 * 7 + index * 31) % 240) }
        let reference = RGBImage(width: width, height: height, pixels: pixels)
        pixels[4] += 5
        let candidate = RGBImage(width: width, height: height, pixels: pixels)
        for (side, picture) in [(ReportFolder.Side.reference, reference), (.candidate, candidate)] {
            _ = try folder.write(picture.png(), to: report.picture(index, side))
        }
        return (reference, candidate)
    }

    private func shown(_ figure: Figure, _ value: Double) -> String {
        String(format: "%.\(figure.decimals)f", value).replacingOccurrences(of: "-", with: "\u{2212}")
    }

    private func pictures(_ page: String) throws -> [RGBImage] {
        try page.components(separatedBy: "src=\"data:image/png;base64,").dropFirst().map { part in
            let text = try #require(part.components(separatedBy: "\"").first)
            return try RGBImage(png: [UInt8](#require(Data(base64Encoded: text))), file: "page")
        }
    }

    @Test func thePageHoldsEveryFigure() throws {
        let results = Self.results(31)
        let page = try write(results)
        let summary = FigureSummary(results.map(\.figures))
        for figure in Figure.allCases {
            for figures in [summary.mean, summary.low, summary.high, summary.percentile5, summary.worst] {
                #expect(page.contains(">\(shown(figure, figures[figure]))"), "\(figure)")
            }
            for result in results {
                #expect(page.contains(">\(shown(figure, result.figures[figure]))</td>"))
            }
        }
        for result in results {
            #expect(page.contains(result.prompt.string) && page.contains(">\(result.prompt.seed)</td>"))
        }
        for words in [
            "edge against fp16", "1.31 MB", "2.62 MB", "50 %", "edge, calibrated", "sana-quant 9.8.7", "4711",
            "8.15 MB", "decoder", "scheme: &lt;f16&gt;", "768 × 640 pixels", "17", "3.25", "a/clip",
            "Some &lt;CPU&gt;", "avx2",
        ] { #expect(page.contains(words), "\(words)") }
        // A dot a prompt in each of two plots.
        #expect(page.components(separatedBy: "<circle").count - 1 == 2 * 31)
    }

    @Test(arguments: [
        "</script><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "a' onfocus='alert(1)",
        "<\u{301}b>\"\u{301} onerror=alert(1) x=\"", "&lt;b&gt; & <!-- ]]> {{x}}",
        "\u{0}\u{1B}[31m\u{202E}red\u{7F}",
        "</style></title></bdi></main><h1>Passed.</h1>", "first\r\nsecond\tthird",
    ])
    func noPromptBecomesMarkup(_ text: String) throws {
        try draw(0)
        let plain = try write(Self.results(2))
        let hostile = QualityPrompt(text: Array(text.utf8), negative: Array(text.utf8), seed: 1)
        let page = try write(Self.results(2) { _ in hostile })
        // Its negative prompt adds one paragraph, and nothing else may be added.
        var expected = tags(plain)
        expected["p", default: 0] += 1
        expected["/p", default: 0] += 1
        expected["bdi", default: 0] += 1
        expected["/bdi", default: 0] += 1
        #expect(tags(page) == expected)
        #expect(page.unicodeScalars.count { $0 == "\"" } == plain.unicodeScalars.count { $0 == "\"" } + 2)
        #expect(!page.unicodeScalars.contains { $0 == "\u{0}" || $0 == "\u{1B}" || $0 == "\u{7F}" })
    }

    /// How often each tag begins.
    private func tags(_ page: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        for part in page.unicodeScalars.split(separator: "<").dropFirst() {
            let name = part.prefix { !" \n>".unicodeScalars.contains($0) }
            counts[String(String.UnicodeScalarView(name)), default: 0] += 1
        }
        return counts
    }

    @Test func picturesStandInThePageTheLeastSimilarFirst() throws {
        let drawn = try (0..<5).map { try draw($0) }
        let page = try write(Self.results(5))
        let found = try pictures(page)
        // Prompt 2 has the least similarity, then 1 and 3, then 0 and 4.
        #expect(found.count == 15)
        for (place, index) in [2, 1, 3, 0, 4].enumerated() {
            let row = Array(found[3 * place..<3 * place + 3])
            #expect(row[0] == drawn[index].reference && row[1] == drawn[index].candidate)
            #expect(row[2].pixels.enumerated().allSatisfy { $1 == ($0 == 4 ? 40 : 0) })
        }
        #expect(page.contains("Difference × 8") && !page.contains("<a "))
        #expect(page.components(separatedBy: "<img").count == page.components(separatedBy: " alt=\"").count)
    }

    @Test func thePageNeedsNothingBesideIt() throws {
        try draw(0)
        let page = try write(Self.results(1))
        for words in ["http:", "https:", "url(", "<script", "<link", "@import", "srcset"] {
            #expect(!page.contains(words), "\(words)")
        }
        #expect(
            page.components(separatedBy: "src=\"").count == page.components(separatedBy: "src=\"data:").count)
    }

    @Test func ofManyPromptsTheWorstAreShownAndTheOthersLinked() throws {
        for index in 0..<30 { try draw(index) }
        let page = try write(Self.results(30))
        #expect(try pictures(page).count == 3 * 24)
        #expect(page.contains("The 24 least similar of 30"))
        #expect(page.components(separatedBy: "<a href=\"pictures/").count - 1 == 2 * 6)
        #expect(page.contains("<a href=\"pictures/000029-candidate.png\">"))
    }

    @Test func largePicturesAreReduced() throws {
        let drawn = try draw(0, width: 1030, height: 7)
        let page = try write(Self.results(1))
        let found = try pictures(page)
        #expect(found.map(\.width) == [344, 344, 344] && found.map(\.height) == [3, 3, 3])
        #expect(page.contains("1/3 of their size"))
        // The last pixel stands for one of the picture's.
        #expect(found[0].pixels.suffix(3) == drawn.reference.pixels.suffix(3))
        let block = (0..<9).map { Double(drawn.reference.pixels[3 * (1030 * ($0 / 3) + $0 % 3)]) }
        #expect(abs(Double(found[0].pixels[0]) - block.reduce(0, +) / 9) <= 0.5)
    }

    @Test func oneSentenceTellsHowTheGatesCameOut() throws {
        let results = Self.results(3)
        let passed = try write(results, gates: QualityGates(minSimilarity: 0.5, maxScoreDrop: 2))
        #expect(passed.contains("Passed.</strong> The mean CLIP similarity is 0.900867, at least the 0.5"))
        let failed = try write(results, gates: QualityGates(minSimilarity: 0.99, maxScoreDrop: 2))
        #expect(failed.contains("Failed.</strong> The mean CLIP similarity is 0.900867, below the 0.99"))
        #expect(failed.contains("prompt 2, &quot;prompt number 1&quot; with seed 1001"))
        #expect(try write(results).contains("No bounds were set."))
    }

    @Test func foldersAndShardsWithoutPromptsHaveAPageToo() throws {
        let folders = QualityReport.About(
            candidate: ["kind": "folder", "path": "out/theirs"],
            reference: ["kind": "folder", "path": "ours"],
            clip: "clip", settings: [:], machine: [:])
        let page = try write(Self.results(2), about: folders)
        #expect(page.contains("theirs against ours") && !page.contains(">Policy<"))
        #expect(try write([]).contains("This shard has no prompts."))
    }

    @Test func thePageIsThereWholeOrNotAtAll() throws {
        try draw(0)
        let first = try write(Self.results(1))
        // A picture that cannot be read leaves the page of before.
        _ = try folder.write("no picture".utf8, to: report.picture(0, .candidate))
        #expect(throws: PNGError.self) { try write(Self.results(1)) }
        let kept = try readWholeFile(folder.path("report.html"), limit: 1 << 30)
        #expect(String(decoding: kept, as: UTF8.self) == first)
        #expect(try folder.names == ["pictures", "report.html", "report.json"])
        let wider = RGBImage(width: 9, height: 4, pixels: [UInt8](repeating: 0, count: 108))
        _ = try folder.write(wider.png(), to: report.picture(0, .candidate))
        #expect(throws: QualityError.self) { try write(Self.results(1)) }
    }
}
