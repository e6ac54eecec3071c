import SanaEdge
import SanaModel

/// What a run made and how long it took.
struct GenerateReport {
    private let settings: GenerationPlan
    private let threads: Int
    private let tier: String
    private var images: [(path: String, seed: Int)] = []
    private var stepSeconds: [Double] = []
    private var load = 0.0
    private var text = 0.0
    private var denoise = 0.0
    private var decode = 0.0
    private var total = 0.0

    init(plan: GenerationPlan, threads: Int, tier: String) {
        settings = plan
        self.threads = threads
        self.tier = tier
    }

    mutating func add(_ job: PictureJob, _ picture: GeneratedPicture) {
        images.append((job.output, job.seed))
        stepSeconds += picture.stepSeconds
    }

    /// - Parameters:
    ///   - opened: Seconds until the pack was open.
    ///   - total: Seconds of the whole run.
    mutating func finish(_ stages: StageSeconds, opened: Double, total: Double) {
        load = opened + stages.load
        text = stages.text
        denoise = stages.denoise
        decode = stages.decode
        self.total = total
    }

    func plan(model: String) -> String {
        let size = "\(settings.width)x\(settings.height) pixels"
        let isResized = (settings.width, settings.height) != (settings.drawnWidth, settings.drawnHeight)
        let drawn = isResized ? ", drawn at \(settings.drawnWidth)x\(settings.drawnHeight)" : ""
        return """
            \(model): \(size)\(drawn); \(settings.steps) steps, guidance \(settings.guidance); \
            \(threads) threads, tier \(tier)
            """
    }

    /// What stays in memory, and what is read again.
    func memory(_ plan: MemoryPlan) -> String {
        let components = Component.allCases.map { component in
            let (kept, layers) = (plan.kept[component] ?? 0, plan.layers[component] ?? 0)
            let peak = bytes(plan.peaks[component] ?? 0)
            return "\(component.title) \(kept) of \(layers) layers, \(peak)"
        }
        let limit = plan.limit == .max ? "none" : bytes(plan.limit)
        let batches = plan.batch == 1 ? "" : "; \(plan.batch) pictures together"
        return """
            memory limit \(limit)\(plan.isDefault ? " (what is free)" : ""); stay in memory: \
            \(components.joined(separator: "; ")); decoder in bands of \(plan.bandRows) rows\(batches)
            """
    }

    var timings: String {
        let step = stepSeconds.isEmpty ? 0 : stepSeconds.reduce(0, +) / Double(stepSeconds.count)
        let memory = peakMemory().map { "; \(bytes($0)) of memory at most" } ?? ""
        return """
            load \(fixed(load, 2)) s, text \(fixed(text, 2)) s, denoise \(fixed(denoise, 2)) s \
            (\(fixed(step, 3)) s a step), decode \(fixed(decode, 2)) s, total \(fixed(total, 2)) s\(memory)
            """
    }

    var json: JSON {
        [
            "images": .array(
                images.map { ["path": .string($0.path), "seed": .integer($0.seed)] }),
            "width": .integer(settings.width),
            "height": .integer(settings.height),
            "steps": .integer(settings.steps),
            "guidance": .number(settings.guidance),
            "threads": .integer(threads),
            "tier": .string(tier),
            "seconds": [
                "load": rounded(load), "text": rounded(text),
                "denoise": rounded(denoise),
                "decode": rounded(decode), "total": rounded(total),
            ],
            "stepSeconds": .array(stepSeconds.map(rounded)),
            "peakMemoryBytes": peakMemory().map { .integer($0) } ?? .null,
        ]
    }

    /// To tenths of a millisecond.
    private func rounded(_ seconds: Double) -> JSON { .number((seconds * 10_000).rounded() / 10_000) }
}
