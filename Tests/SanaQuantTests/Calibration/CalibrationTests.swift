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
        let prompts = try Fixtures.lines("\(Fixtures.package)/calibration/prompts/calibration.txt").prefix(
            count)
        var calibrator = Calibrator(
            tool: "test", reference: folder.path("fp16.sanaq"),
            output: folder.path("calibration.safetensors"),
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

/// Files that are no calibration of the checkpoint.
@Suite struct CalibrationFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func error(_ tensors: (inout Safetensors, inout [String: String]) -> Void) throws
        -> CalibrationError?
    {
        let configs = try ReferenceConfigs.configs()
        var metadata = [
            "format": "sana-quant calibration 1", "model": "other",
            "architecture": ReferenceConfigs.fingerprint(configs),
        ]
        var file = Safetensors()
        tensors(&file, &metadata)
        var writer = SafetensorsWriter(
            metadata: metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        for (name, tensor) in file.tensors {
            writer.add(
                name, tensor.type == "F32" ? .f32 : .bf16, shape: tensor.shape, bytes: tensor.bytes)
        }
        try writer.write(to: folder.path("c.safetensors"))
        var converter = Converter(
            tool: "test", checkpoint: CheckpointCopy.original, output: folder.path("pack.sanaq"))
        converter.calibration = folder.path("c.safetensors")
        converter.overwrite = true
        do {
            _ = try converter.run { _, _, _ in }
            return nil
        } catch {
            #expect(try folder.names == ["c.safetensors"])
            return try #require(error as? CalibrationError)
        }
    }

    private static let layer = "transformer.transformer_blocks.0.attn1.to_q"

    private func tensor(_ type: String, _ shape: [Int], _ value: Float) -> Safetensors.Tensor {
        var tensor = Safetensors.Tensor(type: type, shape: shape, bytes: [])
        tensor.values = [Float](repeating: value, count: shape.reduce(1, *))
        return tensor
    }

    @Test func anEmptyOneIsAccepted() throws {
        #expect(try error { _, _ in } == nil)
    }

    @Test func anotherArchitectureIsRefused() throws {
        let error = try error { _, metadata in metadata["architecture"] = "0123456789abcdef" }
        #expect(error == .otherArchitecture(file: folder.path("c.safetensors"), model: "other"))
        #expect(error?.exitCode == .badInput)
    }

    @Test func anotherFileIsRefused() throws {
        #expect(
            try error { _, metadata in metadata["format"] = nil }
                == .notCalibration(file: folder.path("c.safetensors")))
    }

    @Test func whatBelongsToNoLayerIsRefused() throws {
        for name in ["x.absmax", Self.layer, "\(Self.layer).none", "vae.decoder.norm_out.absmax"] {
            #expect(
                try error { file, _ in file.tensors[name] = tensor("F32", [4], 1) }
                    == .unexpected(file: folder.path("c.safetensors"), tensor: name))
        }
    }

    @Test(arguments: [
        ("absmax", "F32", [225]), ("moments", "F32", [1, 224]), ("absmax", "BF16", [224]),
        ("rows", "F32", [4, 224]),
        ("rows", "BF16", [129, 224]), ("rows", "BF16", [224]), ("rows", "BF16", [0, 224]),
    ])
    func anotherShapeIsRefused(part: String, type: String, shape: [Int]) throws {
        let found = try error { file, _ in file.tensors["\(Self.layer).\(part)"] = tensor(type, shape, 1) }
        guard case .shape = found else {
            Issue.record("found \(String(describing: found))")
            return
        }
    }

    @Test(arguments: [Float.nan, .infinity, -1])
    func numbersThatNoMeasurementGivesAreRefused(value: Float) throws {
        let found = try error { file, _ in
            file.tensors["\(Self.layer).absmax"] = tensor("F32", [224], 1)
            file.tensors["\(Self.layer).moments"] = tensor("F32", [224], value)
        }
        #expect(
            found == .values(file: folder.path("c.safetensors"), tensor: "\(Self.layer).moments"))
    }
}

/// The reference model's architecture, as a calibration's file names it; spelled here a second time.
private enum ReferenceConfigs {
    static func configs() throws -> ModelConfigs {
        let folder = try TemporaryFolder()
        var converter = Converter(
            tool: "test", checkpoint: CheckpointCopy.original, output: folder.path("pack.sanaq"))
        converter.policy = "fp16"
        _ = try converter.run { _, _, _ in }
        return try PackReader(path: folder.path("pack.sanaq")).configs
    }

    static func fingerprint(_ configs: ModelConfigs) -> String {
        let text = configs.tensors.map { "\($0.packName) \($0.shape)\n" }.joined()
        let digits = String(XXH64.hash(Array(text.utf8)), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
