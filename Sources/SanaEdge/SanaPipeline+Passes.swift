import SanaModel

/// One pass of the transformer: what went in and what came out.
package struct TransformerPass: Sendable {
    package let latents: [Float]
    package let timestep: Int
    /// One for each prompt, the negative one first.
    package let velocities: [[Float]]
}

extension SanaPipeline.EncodedPrompts {
    /// What the transformer keeps of the prompts, the negative one first.
    func contexts(_ transformer: Transformer) throws -> [PromptContext] {
        try [negative, positive].compactMap { $0 }.map { try transformer.context(text: $0) }
    }
}

extension SanaPipeline {
    /// What this pipeline's transformer gives for the inputs of passes that another one made: for each prompt, for each
    /// pass, the velocities.
    package func velocities(
        _ prompts: [EncodedPrompts], at passes: [[TransformerPass]], _ plan: GenerationPlan,
        progress: () throws -> Void
    ) throws -> [[[[Float]]]] {
        let transformer = try Transformer(configs.transformer, loader: loader(.transformer))
        let scratch = transformer.scratch(
            batch: plan.guidance > 1 ? 2 : 1, height: plan.latentShape[1], width: plan.latentShape[2])
        return try zip(prompts, passes).map { prompt, passes in
            let contexts = try prompt.contexts(transformer)
            return try passes.map { pass in
                try progress()
                return try transformer(
                    pass.latents, timestep: pass.timestep, contexts: contexts, scratch: scratch)
            }
        }
    }
}
