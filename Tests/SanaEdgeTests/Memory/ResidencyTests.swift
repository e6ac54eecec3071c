import SanaEdge
import SanaModel
import Testing

/// What stays in memory shows in no number.
@Suite struct ResidencyTests {
    @Test(arguments: [ReferencePack.edge, .fp16]) func velocitiesDoNotDependOnTheBlocksThatStay(
        _ pack: ReferencePack
    ) throws {
        let config = try ReferencePack.reader(pack).configs.transformer
        var samples = Samples(3)
        let captions = [1, 5].map { samples.matrix($0, config.captionChannels) }
        let latents = samples.floats(config.inChannels * 4 * 6)
        func velocities(keeping kept: Int, projections: Bool, threads: Int) throws -> [[Float]] {
            let loader = try ReferencePack.loader(pack, .transformer, threads: threads)
            let transformer = try Transformer(
                config, loader: loader, keeping: kept, keepsPromptProjections: projections)
            let contexts = try captions.map { try transformer.context(text: $0) }
            let scratch = transformer.scratch(batch: 2, height: 4, width: 6)
            // The second pass reads layers once more.
            _ = try transformer(latents, timestep: 900, contexts: contexts, scratch: scratch)
            return try transformer(latents, timestep: 500, contexts: contexts, scratch: scratch)
        }
        let expected = try velocities(keeping: .max, projections: true, threads: 2)
        for (kept, threads) in [(0, 1), (1, 2), (4, 3), (config.layers - 1, 2)] {
            let found = try velocities(keeping: kept, projections: false, threads: threads)
            #expect(found == expected, "\(kept) layers, \(threads) threads")
        }
    }

    @Test(arguments: [ReferencePack.edge, .fp16]) func picturesDoNotDependOnTheLayersThatStay(
        _ pack: ReferencePack
    ) throws {
        let config = try ReferencePack.reader(pack).configs.decoder
        var samples = Samples(4)
        let (height, width) = (5, 3)
        let latents = samples.floats(config.latentChannels * height * width)
        func picture(keeping kept: Int, bandRows: Int, threads: Int) throws -> [Float] {
            let decoder = try Decoder(
                config, loader: ReferencePack.loader(pack, .decoder, threads: threads), keeping: kept,
                bandRows: bandRows)
            return try decoder(latents, height: height, width: width).array
        }
        let expected = try picture(keeping: .max, bandRows: 4, threads: 2)
        for (kept, bandRows, threads) in [(0, 1, 1), (3, 2, 3), (100, 8, 2)] {
            let found = try picture(keeping: kept, bandRows: bandRows, threads: threads)
            #expect(found == expected, "\(kept) layers, bands of \(bandRows) rows, \(threads) threads")
        }
    }

    @Test func manyPromptsGiveWhatEachGivesAlone() throws {
        let config = try ReferencePack.reader(.edge).configs.textEncoder
        let encoder = try TextEncoder(config, loader: ReferencePack.loader(.edge, .textEncoder))
        let prompts: [[Int32]] = [[2], [2, 300, 301, 302, 303], [2, 500, 7]]
        let together = try encoder.encode(prompts.map { TextEncoderInput($0) })
        for (prompt, states) in zip(prompts, together) {
            #expect(try encoder.encode(prompt).array == states.array)
        }
    }
}
