import SanaModel
import SanaQuant
import Testing

@Suite struct NominalWorkTests {
    /// Half of a pass, in 10¹² multiply-adds, at 512 and at 1024 pixels.
    @Test(arguments: [
        (ModelPreset.sana06B, 16, 0.134), (.sana06B, 32, 0.537), (.sana16B, 16, 0.355), (.sana16B, 32, 1.420),
    ])
    func aPassIsWhatIsKnownOfTheModel(preset: ModelPreset, side: Int, expected: Double) throws {
        let config = try ModelConfigs(preset).transformer
        let macs = NominalWork.transformerPass(config, height: side, width: side)
        #expect(abs(Double(macs) / 2e12 - expected) <= 0.0006)
    }

    @Test func aPassOfTheSmallModelAt1024PixelsIs107TMAC() throws {
        let config = try ModelConfigs(.sana06B).transformer
        let macs = NominalWork.transformerPass(config, height: 32, width: 32)
        #expect(abs(Double(macs) / 1e12 - 1.07) <= 0.005)
    }

    @Test(arguments: [(32, 4.2), (16, 1.05)])
    func decodingIsWhatIsKnownOfTheModel(side: Int, expected: Double) throws {
        let config = try ModelConfigs(.sana06B).decoder
        let macs = NominalWork.decode(config, height: side, width: side)
        #expect(abs(Double(macs) / 1e12 / expected - 1) <= 0.012)
    }

    @Test func aTokenOfTextIs202GMACAndAttentionBesideIt() throws {
        let config = try ModelConfigs(.sana06B).textEncoder
        #expect(abs(Double(NominalWork.text(config, tokens: 1)) / 1e9 - 2.02) <= 0.01)
        let attention = 26 * 2 * 300 * 300 * 8 * 256
        let all = NominalWork.text(config, tokens: 300)
        let one = NominalWork.text(config, tokens: 1) - 26 * 2 * 8 * 256
        #expect(all == 300 * one + attention)
    }

    /// By hand, for one block of a small model.
    @Test func everyBlockOfADecoderCounts() throws {
        let config = try ModelConfigs(.reference).decoder
        let macs = NominalWork.decode(config, height: 1, width: 1)
        // Behind the latents: channels, blocks and pixels of each stage.
        let attention = [(128, 1, 1), (128, 2, 4), (64, 2, 16)].reduce(0) { sum, stage in
            let (c, blocks, area) = stage
            let projections = 3 * c * c + 2 * c * c + 3 * c * (25 + 32) + 2 * (c / 16) * 32 * 33
            return sum + area * blocks * (projections + 12 * c * c + 72 * c)
        }
        let residual = [(64, 2, 64), (32, 2, 256), (16, 1, 1024)].reduce(0) {
            $0 + $1.2 * $1.1 * 18 * $1.0 * $1.0
        }
        let upsampling = [(128, 128, 4), (128, 64, 16), (64, 64, 64), (64, 32, 256), (32, 16, 1024)]
            .reduce(0) { $0 + 9 * $1.0 * $1.1 * $1.2 }
        #expect(macs == 9 * 32 * 128 + attention + residual + upsampling + 1024 * 9 * 16 * 3)
    }
}
