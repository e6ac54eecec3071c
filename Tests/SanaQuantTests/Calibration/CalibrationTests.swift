import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

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
        let verdicts = try #require(report.calibration).verdicts
        #expect(verdicts.map(\.component) == Component.allCases && verdicts.allSatisfy(\.isKept))
        #expect(verdicts[1].calibratedDecibels > verdicts[1].plainDecibels + Self.leastBreak)
        let restored = meanPSNR(try hard.pictures("calibrated"), reference)
        #expect(restored > level - Self.mostLoss, "\(level) dB, calibrated \(restored) dB")
        withExtendedLifetime(model) {}
    }

    /// Weights that read one input keep their function where only some of them are INT8.
    @Test func factorsFoldIntoWeightsThatStayAt16Bits() throws {
        let model = try HardModel()
        let study = try Study(model.path, prompts: 2)
        try study.convert("fp16", policy: "fp16")
        let calibration = try study.calibrate(prompts: 2)
        var converter = Converter(
            tool: "test", checkpoint: study.checkpoint, output: study.folder.path("kept.sanaq"))
        converter.policy = "sana"
        converter.keep = ["*.attn1.to_q.weight", "*.attn1.to_v.weight", "*.attn2.to_q.weight"]
        converter.calibration = calibration
        let report = try converter.run { _, _, _ in }
        let factors = report.tensors.filter { $0.scheme == .f32 }.map(\.name)
        #expect(factors.contains { $0.hasSuffix(".attn1.input_factors") })
        #expect(!factors.contains { $0.hasSuffix(".attn2.input_factors") })
        let level = meanPSNR(try study.pictures("kept"), try study.pictures("fp16"))
        #expect(level > 35, "\(level) dB")
        withExtendedLifetime(model) {}
    }

    @Test func calibrationsAndPacksDoNotDependOnTheNumberOfThreads() throws {
        let study = try Study(CheckpointCopy.original, prompts: 1)
        try study.convert("fp16", policy: "fp16")
        var files: [[UInt8]] = []
        for threads in [1, 3] {
            let calibration = study.folder.path("\(threads).safetensors")
            var calibrator = Calibrator(
                tool: "test", reference: study.folder.path("fp16.sanaq"), output: calibration,
                requests: [GenerationRequest(prompt: Array("a red ring".utf8), seed: 1)])
            calibrator.settings.steps = 2
            calibrator.threads = threads
            _ = try calibrator.run { _ in }
            var converter = Converter(
                tool: "test", checkpoint: CheckpointCopy.original,
                output: study.folder.path("\(threads).sanaq"))
            converter.policy = "sana"
            converter.calibration = calibration
            converter.threads = threads
            _ = try converter.run { _, _, _ in }
            files.append(try readWholeFile(calibration, limit: 1 << 30))
            files.append(try readWholeFile(converter.output, limit: 1 << 30))
        }
        #expect(files[0] == files[2], "calibration")
        #expect(files[1] == files[3], "pack")
    }

    @Test func onlyAReferenceIsMeasured() throws {
        let study = try Study(CheckpointCopy.original, prompts: 1)
        try study.convert("int8", policy: "edge")
        let output = study.folder.path("calibration.safetensors")
        let calibrator = Calibrator(
            tool: "test", reference: study.folder.path("int8.sanaq"), output: output,
            requests: [GenerationRequest(prompt: Array("a red ring".utf8))])
        let error = #expect(throws: CalibrationError.self) { try calibrator.run { _ in } }
        #expect(error?.exitCode == .badInput && error?.description.contains("--policy fp16") == true)
        #expect(try study.folder.names == ["int8.sanaq"])
    }
}
