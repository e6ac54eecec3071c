import SanaEdge
import SanaModel
import TestSupport
import Testing

/// One pass of the transformer against diffusers' `SanaTransformer2DModel`.
@Suite struct TransformerGoldenTests {
    /// Largest difference relative to the largest velocity.
    static let tolerance: Float = 1e-4

    @Test(arguments: ["square", "wide"])
    func velocitiesAreThoseOfDiffusers(_ name: String) throws {
        let golden = try Golden("transformer")
        let details = try #require(Golden.details(of: "transformer.safetensors")?["cases"]?[name])
        let height = try #require(details["height"]?.intValue)
        let width = try #require(details["width"]?.intValue)
        let timestep = try #require(details["timestep"]?.intValue)
        let config = try ReferencePack.reader(.fp16).configs.transformer
        let transformer = try Transformer(config, loader: ReferencePack.loader(.fp16, .transformer))

        // A guided pass runs two prompts at once; "empty" takes the path of prompts with one token.
        let captions = ["conditional", "negative", "empty"]
        let contexts = try captions.map { caption in
            let values = try golden["text.\(caption)"]
            let columns = config.captionChannels
            return try transformer.context(
                text: Matrix(rows: values.count / columns, columns: columns, values))
        }
        let scratch = transformer.scratch(batch: captions.count, height: height, width: width)
        let velocities = try transformer(
            try golden["\(name).latents"], timestep: Float(timestep), contexts: contexts, scratch: scratch)
        for (caption, velocity) in zip(captions, velocities) {
            let expected = try golden["\(name).\(caption).velocity"]
            #expect(largestDifference(velocity, expected) <= Self.tolerance, "\(caption)")
        }
    }
}
