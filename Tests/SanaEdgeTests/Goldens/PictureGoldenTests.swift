import SanaEdge
import SanaModel
import TestSupport
import Testing

/// Whole runs of an `fp16` pack against diffusers in float32 on the same checkpoint, prompt and seed.
@Suite struct PictureGoldenTests {
    /// What a picture in 16-bit weights and float32 arithmetic must reach.
    static let leastPSNR = 45.0

    static let names = [
        "full-size", "guidance1", "negative-prompt", "steps1", "steps2", "steps14", "wide", "binned-wide",
        "binned-tall", "empty-prompt", "long-prompt", "instruction",
    ]

    @Test(arguments: names)
    func pictureIsThatOfDiffusers(_ name: String) throws {
        let details = try #require(Golden.details(of: "pictures/\(name).png")?["case"])
        let instructed = details["instruction"]?.boolValue == true
        let pack = try ReferencePack.reader(instructed ? .fp16WithInstruction : .fp16)
        let pipeline = try SanaPipeline(pack: pack, compute: try ReferencePack.compute())
        let settings = GenerationSettings(
            width: details["width"]?.intValue, height: details["height"]?.intValue,
            binning: details["binning"]?.boolValue, steps: details["steps"]?.intValue,
            guidance: details["guidance"]?.doubleValue)
        let request = GenerationRequest(
            prompt: Array(try #require(details["prompt"]?.stringValue).utf8),
            negativePrompt: Array(try #require(details["negativePrompt"]?.stringValue).utf8),
            seed: try #require(details["seed"]?.stringValue.flatMap { UInt64($0) }))
        var image: RGBImage?
        _ = try pipeline.generate(
            [request], plan: try pipeline.plan(settings), progress: { _ in }, deliver: { image = $1.image })
        let expected = try Fixtures.picture("goldens/pictures/\(name).png")
        let found = try #require(image)
        try #require(found.width == expected.width && found.height == expected.height)
        #expect(found.psnr(expected) >= Self.leastPSNR)
    }
}
