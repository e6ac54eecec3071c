import SanaEdge
import SanaModel

/// Pictures that two packs draw from the same noise. At no time are weights of both in memory.
public struct PackPairs: PicturePairs {
    private let packs: (candidate: PackReader, reference: PackReader)
    private let pipelines: (candidate: SanaPipeline, reference: SanaPipeline)
    private let plan: GenerationPlan
    /// Bytes that the process may take; nil for what the system has.
    private let memoryLimit: Int?

    /// - Parameters:
    ///   - settings: what they leave open is the reference's.
    ///   - memoryLimit: bytes that the process may take; nil for what the system has.
    /// - Throws: what opening the packs throws; `GenerationError`; `QualityError.differentPlans`.
    public init(
        candidate: PackReader, reference: PackReader, settings: GenerationSettings, memoryLimit: Int? = nil,
        compute: Compute
    ) throws {
        self.memoryLimit = memoryLimit
        packs = (candidate, reference)
        pipelines = (
            try SanaPipeline(pack: candidate, compute: compute),
            try SanaPipeline(pack: reference, compute: compute)
        )
        plan = try pipelines.reference.plan(settings)
        var decided = settings
        (decided.width, decided.height) = (plan.width, plan.height)
        (decided.steps, decided.guidance) = (plan.steps, plan.guidance)
        guard try pipelines.candidate.plan(decided) == plan else {
            throw QualityError.differentPlans(candidate: candidate.path, reference: reference.path)
        }
    }

    public var candidate: JSON { packs.candidate.description }
    public var reference: JSON { packs.reference.description }
    public var fingerprints: (candidate: UInt64, reference: UInt64) {
        (packs.candidate.fingerprint, packs.reference.fingerprint)
    }

    public var settings: JSON {
        [
            "width": .integer(plan.width), "height": .integer(plan.height),
            "drawnWidth": .integer(plan.drawnWidth), "drawnHeight": .integer(plan.drawnHeight),
            "steps": .integer(plan.steps), "guidance": .number(plan.guidance),
        ]
    }

    public func pictures(
        _ prompts: [(index: Int, prompt: QualityPrompt)], progress: (Double) throws -> Void
    ) throws -> [PicturePair] {
        let requests = prompts.map { _, prompt in
            GenerationRequest(
                prompt: prompt.text, negativePrompt: prompt.negative, seed: UInt64(prompt.seed))
        }
        let reference = try draw(requests, with: pipelines.reference) { try progress($0 / 2) }
        let candidate = try draw(requests, with: pipelines.candidate) { try progress(0.5 + $0 / 2) }
        return zip(reference, candidate).map { PicturePair(reference: $0, candidate: $1) }
    }

    /// CLIP's tables, the other pack's table of contents and texts; measured.
    private static let tableBytes = 24_000_000

    /// What is there while pictures are drawn, above all those of a batch, in whole megabytes, as limits are told.
    private var otherBytes: Int {
        let bytes = 2 * QualityCheck.batchLimit * 3 * plan.width * plan.height
        return Self.tableBytes + (bytes + 999_999) / 1_000_000 * 1_000_000
    }

    private func draw(
        _ requests: [GenerationRequest], with pipeline: SanaPipeline, progress: (Double) throws -> Void
    ) throws -> [RGBImage] {
        var images: [RGBImage] = []
        do {
            _ = try pipeline.generate(
                requests, plan: plan, memoryLimit: memoryLimit.map { max(0, $0 - otherBytes) },
                progress: { now in
                    let ofStage = (Double(now.picture) + Double(now.done) / Double(max(1, now.count)))
                    try progress(now.stage.span(ofStage / Double(requests.count)))
                },
                deliver: { images.append($1.image) })
        } catch GenerationError.memoryLimit(let stage, let smallest, _) {
            throw GenerationError.memoryLimit(
                stage: stage, smallest: smallest + otherBytes, limit: memoryLimit ?? 0)
        }
        return images
    }
}

extension GenerationProgress.Stage {
    /// The share of a run that is done when a share of this stage is: about how long each takes.
    fileprivate func span(_ share: Double) -> Double {
        let share = min(1, share)
        return switch self {
        case .text: 0.05 * share
        case .denoise: 0.05 + 0.7 * share
        case .decode: 0.75 + 0.25 * share
        }
    }
}

extension PackReader {
    fileprivate var description: JSON {
        [
            "kind": "pack", "path": .string(path), "bytes": .integer(fileSize),
            "model": .string(manifest.modelName), "policy": .string(manifest.policy.name),
            "rules": .string(manifest.policy.text), "components": componentSchemes,
            "calibrated": .bool(manifest.isCalibrated), "tool": .string(manifest.tool),
        ]
    }
}
