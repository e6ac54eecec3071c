import SanaEdge
import SanaModel
import TestSupport
import Testing

/// What INT8 costs: pictures of quantized packs against those of the `fp16` pack, same prompts and seeds.
@Suite struct QuantizationQualityTests {
    static let leastMeanPSNR = 37.0
    static let leastPSNR = 26.0
    static let promptCount = 16

    @Test func int8PicturesAreThoseOfFP16() throws {
        let prompts = try Fixtures.lines("\(Fixtures.package)/calibration/prompts/heldout.txt")
            .prefix(Self.promptCount)
        try #require(prompts.count == Self.promptCount)
        let expected = try pictures(.fp16, prompts)
        for pack in [ReferencePack.edge, .sana] {
            let levels = zip(try pictures(pack, prompts), expected).map { $0.psnr($1) }
            #expect(levels.reduce(0, +) / Double(levels.count) >= Self.leastMeanPSNR, "\(pack)")
            for (prompt, level) in zip(prompts, levels) {
                #expect(level >= Self.leastPSNR, "\(pack): \(prompt)")
            }
        }
    }

    private func pictures(_ pack: ReferencePack, _ prompts: some Collection<String>) throws -> [RGBImage] {
        let pipeline = try SanaPipeline(
            pack: try ReferencePack.reader(pack), compute: try ReferencePack.compute())
        let requests = prompts.enumerated().map {
            GenerationRequest(prompt: Array($0.element.utf8), seed: UInt64($0.offset))
        }
        var images: [RGBImage] = []
        _ = try pipeline.generate(
            requests, plan: try pipeline.plan(GenerationSettings()), progress: { _ in },
            deliver: { images.append($1.image) })
        return images
    }
}
