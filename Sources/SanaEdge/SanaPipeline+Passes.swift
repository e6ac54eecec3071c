import SanaModel

/// One pass of the transformer: what went in and what came out.
package struct TransformerPass: Sendable {
    package let latents: [Float]
    package let timestep: Float
    /// One for each prompt, the negative one first.
    package let velocities: [[Float]]

    package init(latents: [Float], timestep: Float, velocities: [[Float]]) {
        self.latents = latents
        self.timestep = timestep
        self.velocities = velocities
    }
}

extension PreparedRun {
    /// The tokens of a picture's prompts: the negative one, where there is guidance, then the other.
    package func tokens(ofPicture index: Int) -> [[Int32]] {
        pictures[index].prompts.map(\.tokens.tokens)
    }
}

extension SanaPipeline {
    /// What this pipeline's transformer gives for the inputs of passes that another one made: for each picture of the
    /// run, for each pass, the velocities.
    ///
    /// - Parameter states: what `encode` gives for the run's pictures.
    package func velocities(
        _ run: PreparedRun, _ states: [[Matrix]], at passes: [[TransformerPass]], progress: () throws -> Void
    ) throws -> [[[[Float]]]] {
        let (plan, memory) = (run.plan, run.memory)
        let transformer = try Transformer(
            configs.transformer, loader: loader(.transformer), keeping: memory.kept[.transformer] ?? 0,
            keepsPromptProjections: memory.keepsPromptProjections)
        let scratch = transformer.scratch(
            batch: plan.batch, height: plan.latentShape[1], width: plan.latentShape[2])
        return try zip(states, passes).map { prompts, passes in
            let contexts = try prompts.map { try transformer.context(text: $0) }
            return try passes.map { pass in
                try transformer(
                    pass.latents, timestep: pass.timestep, guidance: Float(plan.guidance), contexts: contexts,
                    scratch: scratch, step: progress)
            }
        }
    }

    /// The pictures of latents without noise.
    package func pictures(
        _ run: PreparedRun, _ drawn: [Denoised], _ progress: (GenerationProgress) throws -> Void
    ) throws -> [RGBImage] {
        var seconds = StageSeconds()
        var pictures: [RGBImage] = []
        var pixels: [UInt8] = []
        try decode(run, drawn.indices, drawn, &seconds, progress) { _, part in
            switch part {
            case .rows(let rows): pixels += rows
            case .end:
                pictures.append(RGBImage(width: run.plan.width, height: run.plan.height, pixels: pixels))
                pixels = []
            }
        }
        return pictures
    }
}
