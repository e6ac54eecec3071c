import SanaModel

/// A pack, ready to make pictures: prompts to hidden states, noise to latents, latents to pixels.
///
/// Each component is loaded when its stage begins, serves all pictures of the run, and is freed when the stage ends.
/// How much of it is in memory at a time is the memory plan's choice. Where the hidden states of all pictures would
/// take too much, some pictures after the others pass through the stages.
public final class SanaPipeline {
    public let manifest: Manifest
    public let configs: ModelConfigs
    private let pack: PackReader
    private let compute: Compute
    private let instruction: [UInt8]?
    /// In memory until a run's prompts are tokens.
    private var tokenizer: Tokenizer?
    /// What takes the places of the pack's tensors of these names.
    private let substitutes: [String: QuantizedTensor]
    /// Whether tokens that the pack knows the text encoder's answer to are not run.
    private let usesPrefix: Bool

    public init(pack: PackReader, compute: Compute) throws {
        self.pack = pack
        self.compute = compute
        (substitutes, usesPrefix) = ([:], true)
        manifest = pack.manifest
        configs = pack.configs
        instruction = try pack.blob(.instruction)
        tokenizer = try readTokenizer()
    }

    /// A pipeline whose layers are measured: it runs all tokens.
    ///
    /// - Parameter substitutes: take the places of the pack's tensors of these names.
    package init(
        measuring pack: PackReader, compute: Compute, substitutes: [String: QuantizedTensor] = [:]
    ) throws {
        self.pack = pack
        self.compute = compute
        (self.substitutes, usesPrefix) = (substitutes, false)
        manifest = pack.manifest
        configs = pack.configs
        instruction = try pack.blob(.instruction)
    }

    /// Decides what `settings` leave open and refuses what cannot be drawn.
    public func plan(_ settings: GenerationSettings) throws -> GenerationPlan {
        try GenerationPlan(settings, configs: configs, defaults: manifest.defaults)
    }

    /// Makes a picture for each request and hands each over as soon as it is done.
    ///
    /// `progress` may throw to stop the run; it is called several times a step.
    public func generate(
        _ requests: [GenerationRequest], plan: GenerationPlan, memoryLimit: Int? = nil,
        progress: (GenerationProgress) throws -> Void,
        deliver: (Int, GeneratedImage) throws -> Void
    ) throws -> StageSeconds {
        let run = try prepare(requests, plan: plan, memoryLimit: memoryLimit)
        var pixels: [UInt8] = []
        return try generate(run, progress: progress) { index, part in
            switch part {
            case .rows(let rows): pixels += rows
            case .end(let picture):
                let image = RGBImage(width: plan.width, height: plan.height, pixels: pixels)
                pixels = []
                try deliver(
                    index,
                    GeneratedImage(image: image, noise: picture.noise, stepSeconds: picture.stepSeconds))
            }
        }
    }

    /// Turns the prompts of `requests` into tokens and decides what stays in memory, before weights or pictures take any.
    ///
    /// - Parameter memoryLimit: bytes; nil for what the system has, less a margin.
    /// - Throws: `GenerationError.memory`, `.memoryLimit`.
    public func prepare(
        _ requests: [GenerationRequest], plan: GenerationPlan, memoryLimit: Int?
    ) throws -> PreparedRun {
        let tokenizer = try tokenizer ?? readTokenizer()
        defer { self.tokenizer = nil }
        let prefix = usesPrefix ? try PromptPrefix(pack, instruction: instruction, tokenizer: tokenizer) : nil
        var known: [[UInt8]: [Bool: PromptInput]] = [:]
        func input(_ prompt: [UInt8], isNegative: Bool) throws -> PromptInput {
            if let input = known[prompt]?[isNegative] { return input }
            let tokens = try PromptTokens(
                prompt: prompt, instruction: isNegative ? nil : instruction, tokenizer: tokenizer)
            let input = PromptInput(tokens: tokens, reused: prefix?.reused(tokens) ?? 0)
            known[prompt, default: [:]][isNegative] = input
            return input
        }
        let pictures = try requests.map { request in
            PreparedRun.Picture(
                request: request,
                prompts: try
                    (plan.usesNegativePrompt ? [input(request.negativePrompt, isNegative: true)] : [])
                    + [input(request.prompt, isNegative: false)])
        }
        for request in requests { try plan.check(request) }
        let memory = try MemoryPlan(
            pack, plan, limit: memoryLimit,
            prompts: pictures.map { picture in
                PicturePrompts(
                    encoded: picture.prompts.map(\.encodedTokens).max() ?? 0,
                    rows: picture.prompts.map(\.tokens.selectedRows.count))
            }, threads: compute.threads)
        return PreparedRun(plan: plan, memory: memory, pictures: pictures, prefix: prefix)
    }

    /// Makes the pictures of a run and hands over their rows as soon as they are there.
    ///
    /// `progress` may throw to stop the run; it is called several times a step.
    public func generate(
        _ run: PreparedRun, progress: (GenerationProgress) throws -> Void,
        deliver: (Int, PicturePart) throws -> Void
    ) throws -> StageSeconds {
        var seconds = StageSeconds()
        for first in stride(from: 0, to: run.pictures.count, by: run.memory.batch) {
            let batch = first..<min(first + run.memory.batch, run.pictures.count)
            let states = try encode(run, batch, &seconds, progress)
            compute.releaseMemory()
            let drawn = try denoise(run, batch, states, &seconds, progress)
            compute.releaseMemory()
            try decode(run, batch, drawn, &seconds, progress, deliver)
            compute.releaseMemory()
        }
        return seconds
    }

    /// The hidden states of the prompts of each picture: the negative one, where there is guidance, then the other.
    package func encode(
        _ run: PreparedRun, _ batch: Range<Int>, _ seconds: inout StageSeconds,
        _ progress: (GenerationProgress) throws -> Void
    ) throws -> [[Matrix]] {
        let encoder = try timed(&seconds.load) {
            try TextEncoder(
                configs.textEncoder, loader: loader(.textEncoder),
                keeping: run.memory.kept[.textEncoder] ?? 0)
        }
        return try timed(&seconds.text) {
            var inputs: [PromptInput] = []
            var places: [PromptInput: Int] = [:]
            for prompt in run.pictures[batch].flatMap(\.prompts) where places[prompt] == nil {
                places[prompt] = inputs.count
                inputs.append(prompt)
            }
            let states = try encoder.encode(
                inputs.map { TextEncoderInput($0.tokens.tokens, reused: $0.reused) }, behind: run.prefix,
                step: { layer in
                    try progress(
                        GenerationProgress(
                            stage: .text, picture: batch.lowerBound, done: layer,
                            count: configs.textEncoder.layers))
                })
            let selected = zip(inputs, states).map { $0.selected(of: $1, run.prefix) }
            return run.pictures[batch].map { $0.prompts.compactMap { places[$0].map { selected[$0] } } }
        }
    }

    /// Latents of one picture without noise.
    package struct Denoised: Sendable {
        package let latents: [Float]
        let picture: GeneratedPicture
    }

    /// - Parameter trace: is handed each pass of the transformer, with its picture's number.
    package func denoise(
        _ run: PreparedRun, _ batch: Range<Int>, _ states: [[Matrix]], _ seconds: inout StageSeconds,
        _ progress: (GenerationProgress) throws -> Void,
        trace: (Int, TransformerPass) -> Void = { _, _ in }
    ) throws -> [Denoised] {
        let (plan, memory) = (run.plan, run.memory)
        let transformer = try timed(&seconds.load) {
            try Transformer(
                configs.transformer, loader: loader(.transformer), keeping: memory.kept[.transformer] ?? 0,
                keepsPromptProjections: memory.keepsPromptProjections)
        }
        return try timed(&seconds.denoise) {
            let scratch = transformer.scratch(
                batch: plan.batch, height: plan.latentShape[1], width: plan.latentShape[2])
            return try zip(batch, states).map { index, prompts in
                func tell(_ done: Int) throws {
                    try progress(
                        GenerationProgress(stage: .denoise, picture: index, done: done, count: plan.steps))
                }
                try tell(0)
                let contexts = try prompts.map { try transformer.context(text: $0) }
                let noise = try plan.noise(run.pictures[index].request)
                var sampler = Sampler(
                    configs.scheduler, steps: plan.steps, timestepScale: configs.transformer.timestepScale)
                var latents = sampler.start(noise.values)
                var normals = plan.normals(run.pictures[index].request)
                var stepSeconds: [Double] = []
                for (step, timestep) in sampler.timesteps.enumerated() {
                    var duration = 0.0
                    try timed(&duration) {
                        let input = sampler.modelInput(latents)
                        let velocities = try transformer(
                            input, timestep: timestep, guidance: Float(plan.guidance), contexts: contexts,
                            scratch: scratch, step: { try tell(step) })
                        trace(
                            index, TransformerPass(latents: input, timestep: timestep, velocities: velocities)
                        )
                        sampler.step(
                            output: guided(velocities, Float(plan.guidance)), sample: &latents,
                            normals: &normals)
                    }
                    stepSeconds.append(duration)
                    try tell(step + 1)
                }
                return Denoised(
                    latents: latents, picture: GeneratedPicture(noise: noise, stepSeconds: stepSeconds))
            }
        }
    }

    package func decode(
        _ run: PreparedRun, _ batch: Range<Int>, _ drawn: [Denoised], _ seconds: inout StageSeconds,
        _ progress: (GenerationProgress) throws -> Void, _ deliver: (Int, PicturePart) throws -> Void
    ) throws {
        let plan = run.plan
        let decoder = try timed(&seconds.load) {
            try Decoder(
                configs.decoder, loader: loader(.decoder), keeping: run.memory.kept[.decoder] ?? 0,
                bandRows: run.memory.bandRows)
        }
        for (index, result) in zip(batch, drawn) {
            try timed(&seconds.decode) {
                var picture = PictureRows(
                    drawnWidth: plan.drawnWidth, drawnHeight: plan.drawnHeight, width: plan.width,
                    height: plan.height)
                try decoder.decode(
                    result.latents, height: plan.latentShape[1], width: plan.latentShape[2],
                    step: { done, count in
                        try progress(
                            GenerationProgress(stage: .decode, picture: index, done: done, count: count))
                    },
                    deliver: { rows in
                        let ready = picture.append(rows.array)
                        if !ready.isEmpty { try deliver(index, .rows(ready)) }
                    })
            }
            try deliver(index, .end(result.picture))
        }
    }

    private func readTokenizer() throws -> Tokenizer {
        let tables = try TokenizerTables(blob: try pack.requiredBlob(.tokenizer))
        try configs.check(tables, file: quoted(pack.path))
        return Tokenizer(tables)
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
