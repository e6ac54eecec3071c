import SanaEdge
import SanaModel
import TestSupport
import Testing

/// The decoder against diffusers' `AutoencoderDC`.
@Suite struct DecoderGoldenTests {
    /// Largest difference of a pixel, whose values run from -1 to 1.
    static let tolerance: Float = 2e-4

    @Test func pictureIsThatOfDiffusers() throws {
        let golden = try Golden("decoder")
        let (height, width) = (4, 6)
        let config = try ReferencePack.reader(.fp16).configs.decoder
        let decoder = try Decoder(config, loader: ReferencePack.loader(.fp16, .decoder))
        let picture = try decoder(try golden["latents"], height: height, width: width)
        let columns = width * config.factor

        let strides = try #require(Golden.details(of: "decoder.safetensors")?["strides"])
        let stride = try #require(strides["picture"]?.intValue)
        var found: [Float] = []
        for channel in 0..<3 {
            for y in Swift.stride(from: 0, to: height * config.factor, by: stride) {
                for x in Swift.stride(from: 0, to: columns, by: stride) {
                    found.append(picture[y * columns + x, channel])
                }
            }
        }
        let expected = try golden["picture"]
        #expect(found.count == expected.count)
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= Self.tolerance })
    }
}
