import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

@Suite struct MetricsTests {
    @Test func psnrAndSSIMAreThoseOfTheirDefinitions() throws {
        let cases = try #require(try Fixtures.json("clip/metrics.json")["cases"]?.arrayValue)
        #expect(cases.count == 2)
        for details in cases {
            let name = try #require(details["picture"]?.stringValue)
            let (first, second) = (try CLIPGolden.picture(name), try CLIPGolden.picture("\(name)-blurred"))
            let psnr = try #require(details["psnr"]?.doubleValue)
            let ssim = try #require(details["ssim"]?.doubleValue)
            #expect(abs(PSNR.decibels(first, second) - psnr) < 1e-9)
            for threads in [1, 3] {
                let found = SSIM.similarity(first, second, on: try CLIPGolden.compute(threads: threads))
                #expect(abs(found - ssim) < 1e-9, "\(name)")
            }
        }
    }

    @Test func equalPicturesHaveTheMost() throws {
        let compute = try CLIPGolden.compute()
        for (width, height) in [(1, 1), (2, 40), (11, 11), (12, 30)] {
            let pixels = (0..<3 * width * height).map { UInt8($0 * 37 % 256) }
            let picture = RGBImage(width: width, height: height, pixels: pixels)
            #expect(PSNR.decibels(picture, picture) == PSNR.most)
            #expect(abs(SSIM.similarity(picture, picture, on: compute) - 1) < 1e-12)
        }
    }

    private func figures(_ similarity: Double, drop: Double) -> Figures {
        Figures { figure in
            switch figure {
            case .similarity: similarity
            case .drop: drop
            default: 1
            }
        }
    }

    @Test func theWorstAndThePercentileLieAtTheBadEnd() {
        let prompts = (0...100).map { figures(Double($0) / 100, drop: Double($0)) }
        let summary = FigureSummary(prompts.shuffled())
        #expect(summary.worst[.similarity] == 0 && summary.worst[.drop] == 100)
        #expect(abs(summary.percentile5[.similarity] - 0.05) < 1e-12)
        #expect(abs(summary.percentile5[.drop] - 95) < 1e-12)
        #expect(abs(summary.mean[.similarity] - 0.5) < 1e-12)
    }

    /// The standard error of this mean is 2.9.
    @Test func theIntervalHoldsTheMeanAndIsAsWideAsItShouldBe() {
        let prompts = (0..<101).map { figures(0, drop: Double($0)) }
        let summary = FigureSummary(prompts)
        #expect((48.0...52.0).contains((summary.low[.drop] + summary.high[.drop]) / 2))
        #expect((10.0...13.0).contains(summary.high[.drop] - summary.low[.drop]))
        #expect(summary == FigureSummary(prompts))
    }

    @Test func onePromptIsItsOwnSummary() {
        let one = figures(0.5, drop: 2)
        let summary = FigureSummary([one])
        for numbers in [summary.mean, summary.worst, summary.percentile5, summary.low, summary.high] {
            #expect(numbers == one)
        }
    }

    @Test func gatesNameTheFigureAndTheWorstPrompt() throws {
        let results = [(0.99, 0.5), (0.7, 3.0), (0.98, -1.0)].enumerated().map { index, numbers in
            QualityResult(
                index: index, prompt: QualityPrompt(text: Array("prompt \(index)".utf8), seed: 40 + index),
                figures: figures(numbers.0, drop: numbers.1))
        }
        func report(_ gates: QualityGates) -> QualityReport {
            QualityReport(
                results,
                about: .init(candidate: nil, reference: nil, clip: nil, settings: nil, machine: nil),
                gates: gates)
        }
        #expect(report(QualityGates()).isPassed)
        #expect(
            report(QualityGates(minSimilarity: 0.89, minWorstSimilarity: 0.7, maxScoreDrop: 0.84)).isPassed)
        for (gates, words) in [
            (QualityGates(minSimilarity: 0.9), ["--min-similarity", "mean", "0.89", "0.9"]),
            (QualityGates(minWorstSimilarity: 0.71), ["--min-worst-similarity", "worst", "0.7", "0.71"]),
            (QualityGates(maxScoreDrop: 0.8), ["--max-score-drop", "mean", "0.833333", "0.8"]),
        ] {
            let failure = try #require(throws: GateFailure.self) { try report(gates).requirePassed() }
            #expect(failure.exitCode == .qualityGate)
            for word in words + ["prompt 2", "\"prompt 1\"", "seed 41"] {
                #expect(failure.description.contains(word), "\(failure)")
            }
        }
        let both = QualityGates(minSimilarity: 0.9, maxScoreDrop: 0.8)
        let failure = try #require(throws: GateFailure.self) { try report(both).requirePassed() }
        #expect(failure.outcomes.count == 2)
        #expect(report(both).json["passed"] == false)
    }
}
