import SanaModel

/// A pack, ready to make pictures: prompts to hidden states, noise to latents, latents to pixels.
///
/// Each component is loaded when its stage begins, serves all pictures of the run, and is freed when the stage ends.
public final class SanaPipeline {
    public let manifest: Manifest
    public let configs: ModelConfigs
    private let pack: PackReader
    private let compute: Compute
    private let tokenizer: Tokenizer
    private let instruction: [UInt8]?
    private let substitutes: [String: QuantizedTensor]

    public convenience init(pack: PackReader, compute: Compute) throws {
        try self.init(pack: pack, compute: compute, substitutes: [:])
    }

    /// - Parameter substitutes: take the places of the pack's tensors of these names.
    package init(pack: PackReader, compute: Compute, substitutes: [String: QuantizedTensor]) throws {
        self.pack = pack
        self.substitutes = substitutes
        self.compute = compute
        manifest = pack.manifest
        configs = pack.configs
        let tables = try TokenizerTables(blob: try pack.requiredBlob(.tokenizer))
        try configs.check(tables, file: pack.path)
        tokenizer = Tokenizer(tables)
        instruction = try pack.blob(.instruction)
    }

    /// Decides what `settings` leave open and refuses what cannot be drawn.
    public func plan(_ settings: GenerationSettings) throws -> GenerationPlan {
        try GenerationPlan(settings, configs: configs, defaults: manifest.defaults)
    }

    /// Makes a picture for each request and hands each over as soon as it is done.
    ///
    /// `progress` may throw to stop the run; it is called at least once a step.
    public func generate(
        _ requests: [GenerationRequest], plan: GenerationPlan,
        progress: (GenerationProgress) throws -> Void,
        deliver: (Int, GeneratedImage) throws -> Void
    ) throws -> StageSeconds {
        var seconds = StageSeconds()
        for need in MemoryNeed.stages(of: pack, plan: plan) { try need.check() }
        let noises = try requests.map { try plan.noise($0) }
        let prompts = try encode(requests, plan, &seconds, progress)
        let drawn = try denoise(noises, prompts, plan, &seconds, progress)
        try decode(drawn, noises, plan, &seconds, progress, deliver)
        return seconds
    }

    /// The hidden states of the prompts of one picture.
    package struct EncodedPrompts: Sendable {
        let negative: Matrix?  // (tokens, captionChannels); nil where there is no guidance
        let positive: Matrix
    }

    /// Latents of one picture without noise.
    package struct Denoised: Sendable {
        let latents: [Float]
        let stepSeconds: [Double]
    }

    package func encode(
        _ requests: [GenerationRequest], _ plan: GenerationPlan, _ seconds: inout StageSeconds,
        _ progress: (GenerationProgress) throws -> Void
    ) throws -> [EncodedPrompts] {
        let encoder = try timed(&seconds.load) {
            try TextEncoder(configs.textEncoder, loader: loader(.textEncoder))
        }
        return try timed(&seconds.text) {
            var known: [PromptTokens: Matrix] = [:]
            func hiddenStates(_ prompt: [UInt8], instruction: [UInt8]?, picture: Int) throws -> Matrix {
                let tokens = try PromptTokens(prompt: prompt, instruction: instruction, tokenizer: tokenizer)
                if let states = known[tokens] { return states }
                let layers = configs.textEncoder.layers
                let all = try encoder.encode(tokens.tokens) { layer in
                    try progress(
                        GenerationProgress(stage: .text, picture: picture, done: layer, count: layers))
                }
                let states = all.selecting(rows: tokens.selectedRows)
                known[tokens] = states
                return states
            }
            return try requests.enumerated().map { index, request in
                EncodedPrompts(
                    negative: plan.guidance > 1
                        ? try hiddenStates(request.negativePrompt, instruction: nil, picture: index) : nil,
                    positive: try hiddenStates(request.prompt, instruction: instruction, picture: index))
            }
        }
    }

    /// - Parameter trace: is handed each pass of the transformer, with its picture's number.
    package func denoise(
        _ noises: [Latents], _ prompts: [EncodedPrompts], _ plan: GenerationPlan,
        _ seconds: inout StageSeconds,
        _ progress: (GenerationProgress) throws -> Void, trace: (Int, TransformerPass) -> Void = { _, _ in }
    ) throws -> [Denoised] {
        let transformer = try timed(&seconds.load) {
            try Transformer(configs.transformer, loader: loader(.transformer))
        }
        return try timed(&seconds.denoise) {
            let scratch = transformer.scratch(
                batch: plan.guidance > 1 ? 2 : 1, height: plan.latentShape[1], width: plan.latentShape[2])
            return try zip(noises, prompts).enumerated().map { picture, pair in
                let (noise, prompt) = pair
                try progress(
                    GenerationProgress(stage: .denoise, picture: picture, done: 0, count: plan.steps))
                let contexts = try prompt.contexts(transformer)
                var latents = noise.values
                var solver = FlowSolver(configs.scheduler, steps: plan.steps)
                var stepSeconds: [Double] = []
                for (step, timestep) in solver.timesteps.enumerated() {
                    var duration = 0.0
                    try timed(&duration) {
                        let velocities = try transformer(
                            latents, timestep: timestep, contexts: contexts, scratch: scratch)
                        trace(
                            picture,
                            TransformerPass(latents: latents, timestep: timestep, velocities: velocities))
                        solver.step(velocity: guided(velocities, Float(plan.guidance)), sample: &latents)
                    }
                    stepSeconds.append(duration)
                    try progress(
                        GenerationProgress(
                            stage: .denoise, picture: picture, done: step + 1, count: plan.steps))
                }
                return Denoised(latents: latents, stepSeconds: stepSeconds)
            }
        }
    }

    package func decode(
        _ drawn: [Denoised], _ noises: [Latents], _ plan: GenerationPlan, _ seconds: inout StageSeconds,
        _ progress: (GenerationProgress) throws -> Void, _ deliver: (Int, GeneratedImage) throws -> Void
    ) throws {
        let decoder = try timed(&seconds.load) { try Decoder(configs.decoder, loader: loader(.decoder)) }
        for (picture, result) in drawn.enumerated() {
            let image = try timed(&seconds.decode) {
                let pixels = try decoder(
                    result.latents, height: plan.latentShape[1], width: plan.latentShape[2]
                ) { done, count in
                    try progress(
                        GenerationProgress(stage: .decode, picture: picture, done: done, count: count))
                }
                let drawn = FloatImage(width: plan.drawnWidth, height: plan.drawnHeight, values: pixels.array)
                return RGBImage(drawn.resizedAndCropped(width: plan.width, height: plan.height))
            }
            try deliver(
                picture, GeneratedImage(image: image, noise: noises[picture], stepSeconds: result.stepSeconds)
            )
        }
    }

    func loader(_ component: Component) -> WeightLoader {
        WeightLoader(pack: pack, compute: compute, component: component, substitutes: substitutes)
    }
}

/// Classifier-free guidance (arXiv 2207.12598): `u + g (c - u)`.
private func guided(_ velocities: [[Float]], _ guidance: Float) -> [Float] {
    guard velocities.count == 2 else { return velocities[0] }
    return zip(velocities[0], velocities[1]).map { $0 + guidance * ($1 - $0) }
}

/// Adds the seconds that `body` takes to `total`.
private func timed<T>(_ total: inout Double, _ body: () throws -> T) rethrows -> T {
    let start = ContinuousClock.now
    defer { total += (ContinuousClock.now - start) / .seconds(1) }
    return try body()
}

extension Matrix {
    /// A new matrix of the given rows.
    func selecting(rows: [Int]) -> Matrix {
        let values = array
        return Matrix(
            rows: rows.count, columns: columns, rows.flatMap { values[$0 * columns..<($0 + 1) * columns] })
    }
}
