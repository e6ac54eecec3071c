import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// A model's packs and pictures, before and behind a calibration.
struct Study {
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
    func convert(
        _ name: String, policy: String, calibration: String? = nil, adapters: [String] = []
    ) throws -> ConversionReport {
        var converter = Converter(tool: "test", checkpoint: checkpoint, output: folder.path("\(name).sanaq"))
        converter.policy = policy
        converter.calibration = calibration
        converter.threads = 2
        converter.adapters = adapters
        return try converter.run { _, _, _ in }
    }

    func bytes(_ name: String) throws -> [UInt8] {
        try readWholeFile(folder.path("\(name).sanaq"), limit: 1 << 30)
    }

    /// Measures a pack on prompts that are not those of the pictures.
    func calibrate(_ name: String = "fp16", prompts count: Int = 3) throws -> String {
        let prompts = try Fixtures.lines("\(Fixtures.package)/calibration/prompts/calibration.txt").prefix(
            count)
        var calibrator = Calibrator(
            tool: "test", reference: folder.path("\(name).sanaq"),
            output: folder.path("\(name).safetensors"),
            requests: prompts.enumerated().map {
                GenerationRequest(prompt: Array($0.element.utf8), seed: UInt64(100 + $0.offset))
            })
        calibrator.threads = 2
        _ = try calibrator.run { _ in }
        return calibrator.output
    }

    /// - Parameter side: of the pictures, which are then drawn at that size; nil for the model's own.
    func pictures(_ name: String, side: Int? = nil) throws -> [RGBImage] {
        let pipeline = try SanaPipeline(
            pack: try PackReader(path: folder.path("\(name).sanaq")),
            compute: Compute(threads: 2, tier: try Tier.selected()))
        var images: [RGBImage] = []
        _ = try pipeline.generate(
            prompts.enumerated().map {
                GenerationRequest(prompt: Array($0.element.utf8), seed: UInt64($0.offset))
            },
            plan: try pipeline.plan(
                GenerationSettings(width: side, height: side, binning: side == nil ? nil : false)),
            progress: { _ in },
            deliver: { images.append($1.image) })
        return images
    }
}

func meanPSNR(_ images: [RGBImage], _ expected: [RGBImage]) -> Double {
    zip(images, expected).map { $0.psnr($1) }.reduce(0, +) / Double(images.count)
}
