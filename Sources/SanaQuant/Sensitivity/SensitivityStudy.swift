import SanaEdge
import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Measures what each layer of a reference costs in INT8, the others staying as they are.
///
/// Velocities are compared on the reference's own latents, step by step, so that errors do not add up; pictures are
/// drawn from the first step to the last.
public struct SensitivityStudy {
    /// Where a study stands.
    public struct Progress: Sendable {
        /// Sets of layers that have been measured, and how many there will be, as far as is known.
        public let done: Int
        public let count: Int
    }

    private let pack: PackReader
    private let compute: Compute
    private let plan: GenerationPlan
    private let requests: [GenerationRequest]
    private let progress: (Progress) throws -> Void

    // The reference's own run.
    private let pipeline: SanaPipeline
    private let prepared: PreparedRun
    private let prompts: [[Matrix]]
    private let passes: [[TransformerPass]]
    private let drawn: [SanaPipeline.Denoised]
    private let pictures: [RGBImage]
    private let judge: (clip: CLIPImageEncoder, features: [CLIPFeatures])?

    private let layers: [QuantizedLayer]

    /// Draws the requests with the reference.
    ///
    /// - Parameters:
    ///   - clip: tells how alike pictures are; nil for no similarities.
    ///   - progress: may throw to stop; it is called at least once a pass.
    public init(
        reference: String, requests: [GenerationRequest], settings: GenerationSettings, threads: Int,
        clip: CLIPFolder? = nil, progress: @escaping (Progress) throws -> Void
    ) throws {
        pack = try PackReader(path: reference)
        try pack.requireReference()
        compute = Compute(threads: threads, tier: try Tier.selected())
        self.requests = requests
        self.progress = progress
        // A CLIP that cannot be read shows before the work.
        let clip = try clip.map { [compute] in try CLIPImageEncoder($0, compute: compute) }
        let pack = pack
        pipeline = try SanaPipeline(measuring: pack, compute: compute)
        let plan = try pipeline.plan(settings)
        self.plan = plan
        layers = try pack.configs.tensors.compactMap { spec in
            try progress(Progress(done: 0, count: 1))
            return try QuantizedLayer(spec, pack)
        }
        prepared = try pipeline.prepare(requests, plan: plan, memoryLimit: nil)
        var seconds = StageSeconds()
        let step = { (_: GenerationProgress) in try progress(Progress(done: 0, count: 1)) }
        prompts = try pipeline.encode(prepared, requests.indices, &seconds, step)
        var passes = requests.map { _ in [TransformerPass]() }
        drawn = try pipeline.denoise(prepared, requests.indices, prompts, &seconds, step) {
            passes[$0].append($1)
        }
        self.passes = passes
        let pictures = try pipeline.pictures(prepared, drawn, step)
        self.pictures = pictures
        judge = try clip.map { clip in (clip, try pictures.map { try clip.encode($0) }) }
    }

    /// Measures all layers, all of them together, the presets, and chooses a policy where there is a budget.
    public func run(budget: SensitivityBudget?) throws -> SensitivityReport {
        let start = ContinuousClock.now
        let presets: [(name: String, kept: Set<String>)] =
            [("all INT8", [])] + (try [Preset.edge, .sana].map { ($0.rawValue, try kept(by: $0)) })
        let count = layers.count + presets.count + (budget == nil ? 0 : Self.budgetSteps)
        var done = 0
        func step() throws {
            done += 1
            try progress(Progress(done: min(done, count), count: count))
        }
        let measured = try layers.map { layer in
            let effect = try effect(of: [layer])
            try step()
            return SensitivityReport.Layer(
                name: layer.spec.packName, component: layer.spec.component, scheme: layer.tensor.scheme,
                bytes16: layer.referenceBytes, bytes8: layer.int8Bytes, effect: effect)
        }
        var report = SensitivityReport(
            model: pack.manifest.modelName,
            prompts: requests.map { String(decoding: $0.prompt, as: UTF8.self) },
            steps: plan.steps, guidance: plan.guidance, layers: measured, referenceBytes: pack.fileSize,
            policies: [])
        for (name, kept) in presets {
            report.policies.append((name, try choice(kept, budget)))
            try step()
        }
        if let budget { report.chosen = try choose(budget, report, step) }
        report.seconds = (ContinuousClock.now - start) / .seconds(1)
        return report
    }

    // MARK: Measuring

    /// Some layers in INT8, the others as they are.
    private func effect(of changed: [QuantizedLayer]) throws -> SensitivityReport.Effect {
        let substitutes = Dictionary(uniqueKeysWithValues: changed.map { ($0.spec.packName, $0.tensor) })
        let components = Set(changed.map(\.spec.component))
        let other = try SanaPipeline(measuring: pack, compute: compute, substitutes: substitutes)
        let step = { (_: GenerationProgress) in try progress(Progress(done: 0, count: 0)) }
        var seconds = StageSeconds()
        var (prompts, drawn) = (prompts, drawn)
        var velocity: [Double] = []
        if components.contains(.textEncoder) {
            prompts = try other.encode(prepared, requests.indices, &seconds, step)
        }
        if components.contains(.textEncoder) || components.contains(.transformer) {
            let velocities = try other.velocities(prepared, prompts, at: passes) {
                try progress(Progress(done: 0, count: 0))
            }
            velocity = decibels(velocities)
            drawn = try other.denoise(prepared, requests.indices, prompts, &seconds, step)
        }
        let images = try other.pictures(prepared, drawn, step)
        let error = zip(images, pictures).map { meanSquare($0, $1) }.reduce(0, +) / Double(images.count)
        return SensitivityReport.Effect(
            velocity: velocity, pictureError: error,
            psnr: error > 0 ? 10 * log10(255 * 255 / error) : .infinity,
            similarity: try judge.flatMap { clip, features in
                try zip(images, features).map { try clip.encode($0).similarity($1) }.min()
            })
    }

    /// Signal to noise at each step, over all prompts and both halves of guidance.
    private func decibels(_ velocities: [[[[Float]]]]) -> [Double] {
        (passes.first?.indices ?? 0..<0).map { step in
            var (signal, noise) = (0.0, 0.0)
            for (mine, reference) in zip(velocities, passes) {
                for (values, expected) in zip(mine[step], reference[step].velocities) {
                    for (value, expected) in zip(values, expected) {
                        signal += Double(expected) * Double(expected)
                        noise += Double(value - expected) * Double(value - expected)
                    }
                }
            }
            guard signal > 0 else { return 0 }
            // What no bit has changed counts as float32's own noise.
            return 10 * log10(signal / max(noise, signal * 1e-15))
        }
    }

    private func meanSquare(_ image: RGBImage, _ other: RGBImage) -> Double {
        let sum = zip(image.pixels, other.pixels).reduce(0) { sum, pair in
            let difference = Int(pair.0) - Int(pair.1)
            return sum + difference * difference
        }
        return Double(sum) / Double(image.pixels.count)
    }

    // MARK: Choosing

    /// Measurements that a budget takes, about.
    private static let budgetSteps = 12

    private func kept(by preset: Preset) throws -> Set<String> {
        let policy = try Policy(nameOrPath: preset.rawValue)
        let assignments = try policy.assign(layers.map(\.spec))
        return Set(assignments.filter { !$0.scheme.isQuantized }.map(\.spec.packName))
    }

    /// Bytes of a pack with these layers kept.
    private func bytes(_ kept: Set<String>) -> Int {
        layers.reduce(pack.fileSize) { sum, layer in
            kept.contains(layer.spec.packName) ? sum : sum - layer.referenceBytes + layer.int8Bytes
        }
    }

    private func choice(_ kept: Set<String>, _ budget: SensitivityBudget?) throws -> SensitivityReport.Choice
    {
        let effect = try effect(of: layers.filter { !kept.contains($0.spec.packName) })
        let bytes = bytes(kept)
        return SensitivityReport.Choice(
            kept: layers.map(\.spec.packName).filter(kept.contains), bytes: bytes, effect: effect,
            isMet: budget?.isMet(bytes, effect) ?? true)
    }

    /// The cheapest set of layers at 16 bits that meets the budget: those that take most error from the pictures for
    /// each of their bytes.
    private func choose(
        _ budget: SensitivityBudget, _ report: SensitivityReport, _ step: () throws -> Void
    ) throws -> SensitivityReport.Choice {
        // What INT8 makes no smaller is kept for nothing.
        let free = Set(report.layers.filter { $0.bytes16 <= $0.bytes8 }.map(\.name))
        let order = report.layers.filter { !free.contains($0.name) }
            .sorted { ($0.errorPerByte, $1.name) > ($1.errorPerByte, $0.name) }.map(\.name)
        if case .bytes(let most) = budget {
            // Bytes need no measuring: whatever still fits is kept.
            var kept = free
            for name in order where bytes(kept.union([name])) <= most { kept.insert(name) }
            defer { try? step() }
            return try choice(kept, budget)
        }
        func measured(_ count: Int) throws -> SensitivityReport.Choice {
            try step()
            return try choice(free.union(order.prefix(count)), budget)
        }
        // The shortest beginning of the order that meets it, as far as errors only fall.
        var (low, high) = (0, order.count)
        var best = try measured(high)
        guard best.isMet else { return best }
        while low < high {
            let middle = (low + high) / 2
            let choice = try measured(middle)
            if choice.isMet { (best, high) = (choice, middle) } else { low = middle + 1 }
        }
        // What was kept for a byte's worth of error may no longer be needed: the largest ones are let go, if they can.
        let sizes = Dictionary(uniqueKeysWithValues: report.layers.map { ($0.name, $0.bytes16 - $0.bytes8) })
        let largest = best.kept.filter { !free.contains($0) }.sorted {
            (sizes[$0] ?? 0, $1) > (sizes[$1] ?? 0, $0)
        }
        for name in largest.prefix(Self.reductions) {
            try step()
            let choice = try choice(Set(best.kept).subtracting([name]), budget)
            if choice.isMet { best = choice }
        }
        return best
    }

    private static let reductions = 4
}
