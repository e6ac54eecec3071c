import SanaEdge
import SanaModel
import TestSupport
import Testing

/// A pass of an INT8 transformer: the same bits on every tier, whatever the width of its panels.
@Suite struct TransformerTierTests {
    @Test func everyTierGivesTheSameVelocities() throws {
        let expected = try velocities(Tier.tested[0])
        for tier in Tier.tested.dropFirst() {
            #expect(try velocities(tier) == expected, "\(tier.name)")
        }
    }

    private func velocities(_ tier: Tier) throws -> [[Float]] {
        let pack = try ReferencePack.reader(.edge)
        let config = pack.configs.transformer
        let loader = WeightLoader(
            pack: pack, compute: Compute(threads: 2, tier: tier), component: .transformer)
        let transformer = try Transformer(config, loader: loader)
        var samples = Samples(5)
        let contexts = try [1, 7].map { tokens in
            try transformer.context(
                text: Matrix(
                    rows: tokens, columns: config.captionChannels,
                    samples.floats(tokens * config.captionChannels)))
        }
        let (height, width) = (3, 5)
        return try transformer(
            samples.floats(config.inChannels * height * width), timestep: 500, contexts: contexts,
            scratch: transformer.scratch(batch: contexts.count, height: height, width: width))
    }
}
