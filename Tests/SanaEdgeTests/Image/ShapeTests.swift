import SanaEdge
import SanaModel
import TestSupport
import Testing

/// Against what diffusers computes (Tests/Fixtures/shapes.json).
@Suite struct ShapeTests {
    private static func integers(_ json: JSON?) throws -> [Int] {
        try #require(json?.arrayValue).map { try #require($0.intValue) }
    }

    private static func floats(_ json: JSON?) throws -> [Float] {
        try #require(json?.arrayValue).map { Float(try #require($0.doubleValue)) }
    }

    @Test func binsMatchDiffusers() throws {
        let cases = try #require(Fixtures.json("shapes.json")["binnings"]?.arrayValue)
        #expect(cases.count > 300)
        for golden in try cases.map(Self.integers) {
            let binning = try #require(ResolutionBinning(sampleSize: golden[0]))
            let (width, height) = binning.bin(width: golden[1], height: golden[2])
            #expect([width, height] == Array(golden[3...]), "\(golden)")
        }
    }

    /// Latents are whole: what a bin has beyond them is not drawn.
    @Test func aDecoderOfALargerFactorDrawsLessThanTheBin() throws {
        let stages: JSON = [8, 8, 8, 8, 32, 32, 32]
        let configs = try ModelConfigs(
            textEncoder: [:], transformer: ["sample_size": 16],
            decoder: [
                "encoder_block_out_channels": stages, "decoder_block_out_channels": stages,
                "decoder_layers_per_block": [1, 1, 1, 1, 1, 1, 1], "decoder_block_types": "ResBlock",
                "decoder_qkv_multiscales": [[], [], [], [], [], [], []],
            ], scheduler: ["prediction_type": "flow_prediction", "use_flow_sigmas": true], file: { $0 })
        let plan = try GenerationPlan(
            GenerationSettings(width: 600, height: 400), configs: configs,
            defaults: .init(width: 512, height: 512, steps: 20, guidance: 4.5, seed: 0))
        #expect(plan.latentShape == [32, 6, 9])
        #expect(plan.drawnWidth == 576 && plan.drawnHeight == 384 && plan.width == 600 && plan.height == 400)
    }

    @Test(arguments: [0, 1, 8, 24, 256]) func aSampleSizeWithoutATableHasNoBins(sampleSize: Int) {
        #expect(ResolutionBinning(sampleSize: sampleSize) == nil)
    }

    @Test func resizingAndCroppingMatchDiffusers() throws {
        let cases = try #require(Fixtures.json("shapes.json")["resizes"]?.arrayValue)
        #expect(cases.count == 6)
        for golden in cases {
            let from = try Self.integers(golden["from"])
            let to = try Self.integers(golden["to"])
            let picture = FloatImage(
                width: from[0], height: from[1], values: try Self.floats(golden["picture"]))
            let found = picture.resizedAndCropped(width: to[0], height: to[1])
            let expected = try Self.floats(golden["resized"])
            #expect(found.width == to[0] && found.height == to[1])
            let worst = zip(found.values, expected).map { abs($0 - $1) }.max() ?? 0
            #expect(worst < 1e-6, "\(from) to \(to): off by \(worst)")
        }
    }

    /// 480 * (245 / 480) is just below 245 in floating point, where diffusers loses a column.
    @Test func theResizedPictureIsNeverAPixelShort() {
        let picture = FloatImage(width: 480, height: 2, values: [Float](repeating: 1, count: 3 * 960))
        let found = picture.resizedAndCropped(width: 245, height: 1)
        #expect(found.width == 245 && found.height == 1)
        #expect(found.values.allSatisfy { $0 == 1 })
    }

    /// However many rows of the picture come at once.
    @Test(
        arguments: [1, 3, 32, 96],
        [(width: 64, height: 96), (64, 64), (31, 95), (80, 200), (7, 5), (130, 96)])
    func rowsOneAfterTheOtherGiveTheWholePicture(rows: Int, size: (width: Int, height: Int)) {
        var samples = Samples(rows)
        let picture = FloatImage(width: 64, height: 96, values: samples.floats(3 * 64 * 96, 1.5))
        let whole = RGBImage(picture.resizedAndCropped(width: size.width, height: size.height))
        var stream = PictureRows(
            drawnWidth: 64, drawnHeight: 96, width: size.width, height: size.height)
        var pixels: [UInt8] = []
        for first in stride(from: 0, to: 96, by: rows) {
            let end = min(96, first + rows)
            let ready = stream.append(Array(picture.values[3 * 64 * first..<3 * 64 * end]))
            #expect(ready.count.isMultiple(of: 3 * size.width))
            pixels += ready
        }
        #expect(pixels == whole.pixels)
    }

    @Test func bytesAreRoundedHalfToEvenAndClamped() {
        // x / 2 + 0.5 = 0.5 gives 127.5, whose even neighbour is 128.
        let values: [Float] = [-1, 0, 1, -3, 3, -.infinity, .infinity, .nan, 2 * 0.5 / 255 - 1]
        let image = RGBImage(FloatImage(width: 3, height: 1, values: values))
        #expect(image.pixels == [0, 128, 255, 0, 255, 0, 255, 0, 0])
    }
}
