import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// A model's packs and pictures, before and behind a calibration.
private struct Study {
    let folder: TemporaryFolder
    let checkpoint: String
    let prompts: [String]

    init(_ checkpoint: String, prompts: Int) throws {
        folder = try TemporaryFolder()
        self.checkpoint = checkpoint
        self.prompts = Array(
            try Fixtures.lines("\(Fixtures.package)/calibration/prompts/heldout.txt").prefix(prompts))
    }

    @discardableResult
    func convert(_ name: String, policy: String, calibration: String? = nil) throws -> ConversionReport {
        var converter = Converter(tool: "test", checkpoint: checkpoint, output: folder.path("\(name).sanaq"))
        converter.policy = policy
        converter.calibration = calibration
        converter.threads = 2
        return try converter.run { _, _, _ in }
    }

    /// Measures the pack `fp16` on prompts that are not those of the pictures.
    func calibrate(prompts count: Int = 3) throws -> String {
        let prompts = try Fixtures.lines("\(Fixtures.package)/calibration/prompts/calibration.txt").prefix(count)
        var calibrator = Calibrator(
            tool: "test", reference: folder.path("fp16.sanaq"), output: folder.path("calibration.safetensors"),
            requests: prompts.enumerated().map {
                GenerationRequest(prompt: Array($0.element.utf8), seed: UInt64(100 + $0.offset))
            })
        calibrator.threads = 2
        _ = try calibrator.run { _ in }
        return calibrator.output
    }

    func pictures(_ name: String) throws -> [RGBImage] {
        let pipeline = try SanaPipeline(
            pack: try PackReader(path: folder.path("\(name).sanaq")),
            compute: Compute(threads: 2, tier: try Tier.selected()))
        var images: [RGBImage] = []
        _ = try pipeline.generate(
            prompts.enumerated().map {
                GenerationRequest(prompt: Array($0.element.utf8), seed: UInt64($0.offset))
            }, plan: try pipeline.plan(GenerationSettings()), progress: { _ in },
            deliver: { images.append($1.image) })
        return images
    }
}

private func meanPSNR(_ images: [RGBImage], _ expected: [RGBImage]) -> Double {
    zip(images, expected).map { $0.psnr($1) }.reduce(0, +) / Double(images.count)
}

@Suite struct CalibrationTests {
    /// How far below the unscaled model's INT8 pictures those of a hard one may be, in dB.
    static let mostLoss = 3.0
    /// How much INT8 without a calibration must lose on a hard model for the test to say anything.
    static let leastBreak = 8.0

    @Test func hardModelComesBack() throws {
        let plain = try Study(CheckpointCopy.original, prompts: 4)
        try plain.convert("fp16", policy: "fp16")
        try plain.convert("int8", policy: "edge")
        let level = meanPSNR(try plain.pictures("int8"), try plain.pictures("fp16"))

        let model = try HardModel()
        let hard = try Study(model.path, prompts: 4)
        try hard.convert("fp16", policy: "fp16")
        try hard.convert("int8", policy: "edge")
        let reference = try hard.pictures("fp16")
        // It is the same function but for the roundings of its 16-bit weights.
        #expect(meanPSNR(reference, try plain.pictures("fp16")) > 45)
        let broken = meanPSNR(try hard.pictures("int8"), reference)
        #expect(broken < level - Self.leastBreak, "\(level) dB, scaled \(broken) dB")

        let calibration = try hard.calibrate()
        let report = try hard.convert("calibrated", policy: "edge", calibration: calibration)
        #expect(report.tensors.contains { $0.calibration?.alpha != nil })
        let restored = meanPSNR(try hard.pictures("calibrated"), reference)
        #expect(restored > level - Self.mostLoss, "\(level) dB, calibrated \(restored) dB")
        print("unscaled \(level) dB, hard \(broken) dB, calibrated \(restored) dB")
    }
}
