import SanaEdge
import SanaModel
import TestSupport
import Testing

@Suite struct LocalStagesTests {
    /// Images that are taller than the rows that are held of them, in every stage, and one that is not.
    @Test(arguments: Tier.tested, [(5, 2), (1, 3)])
    func bandsGiveTheNumbersOfWholeImages(tier: Tier, size: (height: Int, width: Int)) throws {
        let pack = try ReferencePack.reader(.edge)
        let config = pack.configs.decoder
        var samples = Samples(size.height)
        let latents = samples.floats(config.latentChannels * size.height * size.width)
        func picture(threads: Int, inBands: Bool) throws -> [Float] {
            let compute = Compute(threads: threads, tier: tier)
            let loader = WeightLoader(pack: pack, compute: compute, component: .decoder)
            let decoder = try Decoder(config, loader: loader, inBands: inBands)
            return try decoder(latents, height: size.height, width: size.width).array
        }
        let whole = try picture(threads: 2, inBands: false)
        for threads in [1, 2, 3] {
            #expect(try picture(threads: threads, inBands: true) == whole, "\(threads) threads")
        }
    }

    @Test func progressGrowsToItsEnd() throws {
        let config = try ReferencePack.reader(.edge).configs.decoder
        let decoder = try Decoder(config, loader: ReferencePack.loader(.edge, .decoder))
        let latents = [Float](repeating: 0.5, count: config.latentChannels * 4)
        var steps: [Int] = []
        _ = try decoder(latents, height: 2, width: 2) { step, all in
            #expect(all == config.stages.count + 1)
            steps.append(step)
        }
        #expect(steps == steps.sorted() && steps.last == config.stages.count + 1)
    }
}
