import SanaEdge
import SanaModel

/// Times each part of a run on a model with random weights.
public struct ModelBenchmark: Sendable {
    public enum Part: String, Sendable, CaseIterable {
        case text
        case transformer
        case decoder
        /// The transformer's pack, from opening it to ready to run.
        case load
    }

    /// What a benchmark is doing.
    public enum Stage: Sendable, Equatable {
        case making(Component)
        case measuring(String)
    }

    public var preset = ModelPreset.sana06B
    /// The name of a preset, or the path of a policy file.
    public var policy = Preset.edge.rawValue
    /// Of the picture, in pixels; nil is the size that the preset was trained at.
    public var width: Int?
    public var height: Int?
    public var parts = Set(Part.allCases)
    public var threads = Compute.availableProcessors
    public var tier: Tier
    /// Timed runs of each part.
    public var repeats = 5
    /// Whether to tell where the time of each part goes.
    public var profiles = false

    public init(tier: Tier) {
        self.tier = tier
    }

    /// Makes one component after the other and times it.
    ///
    /// `progress` takes the bytes of the stage that are done and all its bytes, or zeros; it may throw to stop.
    public func run(progress: @escaping @Sendable (Stage, Int, Int) throws -> Void) throws -> ModelReport {
        let policy = try Policy(nameOrPath: policy)
        let configs = try ModelConfigs(preset)
        let (width, height) = (width ?? configs.trainedSize, height ?? configs.trainedSize)
        let size = try LatentSize(width: width, height: height, configs)
        let profile = profiles ? Profile() : nil
        let compute = Compute(threads: threads, tier: tier, profile: profile)
        let run = Run(
            preset: preset, policy: policy, configs: configs, size: size, repeats: repeats, profile: profile,
            compute: compute, progress: progress)

        var report = ModelReport(
            preset: preset, policy: policy.name, width: width, height: height, tier: tier.name,
            threads: compute.threads,
            isInt8: try policy.assign(configs.tensors).contains { $0.scheme.isQuantized })
        if parts.contains(.text) { try run.text(into: &report) }
        if !parts.isDisjoint(with: [.transformer, .load]) { try run.transformer(parts, into: &report) }
        if parts.contains(.decoder) { try run.decoder(into: &report) }
        return report
    }
}

/// Rows and columns of latents.
private struct LatentSize {
    let height: Int
    let width: Int

    init(width: Int, height: Int, _ configs: ModelConfigs) throws(BenchmarkError) {
        let factor = configs.sizeFactor
        for side in [width, height] where side < factor || side > 4096 || !side.isMultiple(of: factor) {
            throw .size(width: width, height: height, factor: factor)
        }
        (self.height, self.width) = (height / configs.decoder.factor, width / configs.decoder.factor)
    }

    var area: Int { height * width }
}

/// A benchmark with everything decided.
private struct Run {
    let preset: ModelPreset
    let policy: Policy
    let configs: ModelConfigs
    let size: LatentSize
    let repeats: Int
    let profile: Profile?
    let compute: Compute
    let progress: @Sendable (ModelBenchmark.Stage, Int, Int) throws -> Void

    func text(into report: inout ModelReport) throws {
        let pack = try pack(.textEncoder)
        let encoder = try TextEncoder(configs.textEncoder, loader: pack.loader(compute))
        for tokens in [30, 300] {
            let ids = (0..<tokens).map { Int32($0 % configs.textEncoder.vocabulary) }
            try measure("text\(tokens)", NominalWork.text(configs.textEncoder, tokens: tokens), &report) {
                _ = try encoder.encode(ids)
            }
        }
    }

    /// A pass with a prompt of 300 tokens, and beside it, where the model has one, the empty negative prompt, whose
    /// only token begins the text.
    func transformer(_ parts: Set<ModelBenchmark.Part>, into report: inout ModelReport) throws {
        let pack = try pack(.transformer)
        var transformer: Transformer?
        func load() throws {
            transformer = try Transformer(configs.transformer, loader: pack.loader(compute))
        }
        if parts.contains(.load) {
            try measure("load", nil, &report, prepare: { transformer = nil }, load)
        } else {
            try load()
        }
        guard parts.contains(.transformer), let transformer else { return }
        let prompts = (configs.isFewStep ? [] : [1]) + [NominalWork.promptTokens]
        let contexts = try prompts.map { tokens in
            let columns = configs.transformer.captionChannels
            return try transformer.context(
                text: Matrix(
                    rows: tokens, columns: columns, RandomValues.values(tokens * columns, seed: tokens)))
        }
        let scratch = transformer.scratch(batch: contexts.count, height: size.height, width: size.width)
        let latents = RandomValues.values(configs.transformer.inChannels * size.area, seed: 0)
        let work = NominalWork.transformerPass(
            configs.transformer, height: size.height, width: size.width)
        let timestep: Float = configs.isFewStep ? 0.5 : 500
        try measure("transformerPass", work, &report) {
            _ = try transformer(
                latents, timestep: timestep, guidance: 4.5, contexts: contexts, scratch: scratch)
        }
    }

    func decoder(into report: inout ModelReport) throws {
        let pack = try pack(.decoder)
        let decoder = try Decoder(configs.decoder, loader: pack.loader(compute))
        let latents = RandomValues.values(configs.decoder.latentChannels * size.area, seed: 0)
        let work = NominalWork.decode(configs.decoder, height: size.height, width: size.width)
        try measure("decode", work, &report) {
            _ = try decoder(latents, height: size.height, width: size.width)
        }
    }

    private func pack(_ component: Component) throws -> RandomPack {
        try RandomPack(preset, component, policy, on: compute) { try progress(.making(component), $0, $1) }
    }

    private func measure(
        _ name: String, _ macs: Int?, _ report: inout ModelReport, prepare: () throws -> Void = {},
        _ work: () throws -> Void
    ) throws {
        let stage = ModelBenchmark.Stage.measuring(name)
        let timing = try Timing(
            repeats: repeats, profile: profile,
            prepare: {
                try progress(stage, 0, 0)
                report.peaks.take(on: compute)
                try prepare()
            }, work)
        report.peaks.take(on: compute)
        report.parts.append(ModelReport.Part(name: name, macs: macs, timing: timing))
    }
}

/// A benchmark that cannot be run.
public enum BenchmarkError: Failure, Equatable {
    case size(width: Int, height: Int, factor: Int)

    public var exitCode: ExitCode { .usage }

    public var description: String {
        switch self {
        case .size(let width, let height, let factor):
            "The picture's size is \(width)x\(height) pixels, expected multiples of \(factor) up to 4096."
        }
    }
}
