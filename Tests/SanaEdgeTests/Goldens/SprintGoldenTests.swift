import Foundation
import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// Whole runs of a tiny Sana-Sprint checkpoint against diffusers' `SanaSprintPipeline` in float32.
@Suite struct SprintGoldenTests {
    /// The checkpoint without a tokenizer, which it shares with the reference model.
    static let model = Fixtures.path("sprint-model")
    static let leastPSNR = 60.0

    private let folder: TemporaryFolder
    private let pack: PackReader

    init() throws {
        folder = try TemporaryFolder()
        let checkpoint = folder.path("sprint")
        try FileManager.default.createDirectory(atPath: checkpoint, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.model) {
            try FileManager.default.createSymbolicLink(
                atPath: "\(checkpoint)/\(name)", withDestinationPath: "\(Self.model)/\(name)")
        }
        try FileManager.default.createSymbolicLink(
            atPath: "\(checkpoint)/tokenizer", withDestinationPath: "\(Fixtures.referenceModel)/tokenizer")
        var converter = Converter(tool: "tests", checkpoint: checkpoint, output: folder.path("pack.sanaq"))
        converter.policy = "fp16"
        _ = try converter.run { _, _, _ in }
        pack = try PackReader(path: folder.path("pack.sanaq"))
    }

    private func draw(_ settings: GenerationSettings, _ request: GenerationRequest) throws -> RGBImage {
        let pipeline = try SanaPipeline(pack: pack, compute: try ReferencePack.compute())
        var image: RGBImage?
        _ = try pipeline.generate(
            [request], plan: try pipeline.plan(settings), progress: { _ in }, deliver: { image = $1.image })
        return try #require(image)
    }

    @Test(arguments: ["steps1", "steps2", "steps4", "wide", "latents"])
    func pictureIsThatOfDiffusers(_ name: String) throws {
        let details = try #require(Golden.details(of: "sprint/\(name).png")?["case"])
        let (width, height) = (
            try #require(details["width"]?.intValue), try #require(details["height"]?.intValue)
        )
        var latents: Latents?
        if details["latents"]?.boolValue == true {
            let values = try Golden("sprint/latents")["latents"]
            latents = Latents(channels: 32, height: height / 32, width: width / 32, values: values)
        }
        let picture = try draw(
            GenerationSettings(
                width: width, height: height, binning: false, steps: details["steps"]?.intValue,
                guidance: details["guidance"]?.doubleValue),
            GenerationRequest(
                prompt: Array(try #require(details["prompt"]?.stringValue).utf8),
                seed: try #require(details["seed"]?.stringValue.flatMap { UInt64($0) }), latents: latents))
        #expect(picture.psnr(try Fixtures.picture("goldens/sprint/\(name).png")) >= Self.leastPSNR)
    }

    @Test func defaultsAreTwoStepsAndEmbeddedGuidance() throws {
        #expect(pack.manifest.modelClass == "SanaSprintPipeline")
        #expect(pack.manifest.defaults.steps == 2 && pack.manifest.defaults.guidance == 4.5)
        let plan = try SanaPipeline(pack: pack, compute: try ReferencePack.compute()).plan(.init())
        #expect(plan.steps == 2 && plan.width == 1024 && !plan.usesNegativePrompt)
    }

    @Test func theNegativePromptHasNoEffect() throws {
        let settings = GenerationSettings(width: 64, height: 64, binning: false)
        let prompt = Array("a red circle".utf8)
        let plain = try draw(settings, GenerationRequest(prompt: prompt))
        let negative = try draw(
            settings, GenerationRequest(prompt: prompt, negativePrompt: Array("blue".utf8)))
        #expect(plain == negative)
        #expect(try draw(settings, GenerationRequest(prompt: prompt, seed: 1)) != plain)
    }
}
