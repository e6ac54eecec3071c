import SanaEdge
import SanaModel

/// A small picture as a reference drew it: what each component read and what it gave. What a conversion makes of the
/// same inputs is held against it.
struct RecordedPicture: Sendable {
    struct Prompt: Sendable {
        let tokens: [Int32]
        /// What the transformer sees: the first token's hidden state and those of the last ones, (rows, width).
        let states: [Float]
    }

    /// The negative one, where there is guidance, then the other.
    let prompts: [Prompt]
    let guidance: Float
    /// Of the latents.
    let height: Int
    let width: Int
    let passes: [TransformerPass]
    /// Without noise: (channels, height, width)
    let latents: [Float]
    /// What the decoder makes of them: (factor · height · factor · width, 3)
    let pixels: [Float]
}

extension RecordedPicture {
    /// How many are drawn, in how many steps and how large: a conversion runs each pass twice.
    static let countLimit = 2
    static let stepLimit = 4
    private static let sideLimit = 512

    /// How many pictures are recorded of a run.
    static func count(of requests: [GenerationRequest]) -> Int { min(countLimit, requests.count) }

    /// Draws the first requests of a run, smaller and in fewer steps.
    ///
    /// - Parameter progress: pictures are counted behind those of the run.
    static func record(
        _ pack: PackReader, _ requests: [GenerationRequest], as plan: GenerationPlan, on compute: Compute,
        progress: (GenerationProgress) throws -> Void
    ) throws -> [RecordedPicture] {
        let pipeline = try SanaPipeline(measuring: pack, compute: compute)
        let configs = pack.configs
        let side = max(configs.sizeFactor, sideLimit - sideLimit % configs.sizeFactor)
        let small = try pipeline.plan(
            GenerationSettings(
                width: min(side, plan.drawnWidth), height: min(side, plan.drawnHeight), binning: false,
                steps: min(stepLimit, plan.steps), guidance: plan.guidance))
        let chosen = requests.prefix(count(of: requests)).map {
            GenerationRequest(prompt: $0.prompt, negativePrompt: $0.negativePrompt, seed: $0.seed)
        }
        let run = try pipeline.prepare(chosen, plan: small, memoryLimit: nil)
        func tell(_ now: GenerationProgress) throws {
            try progress(
                GenerationProgress(
                    stage: now.stage, picture: requests.count + now.picture, done: now.done, count: now.count)
            )
        }
        var seconds = StageSeconds()
        let states = try pipeline.encode(run, chosen.indices, &seconds, tell)
        var passes = chosen.map { _ in [TransformerPass]() }
        let drawn = try pipeline.denoise(run, chosen.indices, states, &seconds, tell) {
            passes[$0].append($1)
        }
        let (height, width) = (small.latentShape[1], small.latentShape[2])
        let decoder = try Decoder(
            configs.decoder, loader: WeightLoader(pack: pack, compute: compute, component: .decoder))
        return try chosen.indices.map { index in
            RecordedPicture(
                prompts: zip(run.tokens(ofPicture: index), states[index]).map {
                    Prompt(tokens: $0, states: $1.array)
                },
                guidance: Float(small.guidance), height: height, width: width, passes: passes[index],
                latents: drawn[index].latents,
                pixels: try decoder(drawn[index].latents, height: height, width: width) { done, count in
                    try tell(GenerationProgress(stage: .decode, picture: index, done: done, count: count))
                }.array)
        }
    }
}
