import SanaEdge
import SanaModel

/// What a picture's file says about how it was made, as PNG text chunks.
struct PictureDescription {
    let plan: GenerationPlan
    let manifest: Manifest
    /// Whether each picture starts from its seed's noise, and not from a file's.
    let isSeeded: Bool

    func text(of job: PictureJob) -> [(keyword: String, value: String)] {
        var text = [
            ("Software", "sana-quant \(version)"),
            ("Prompt", String(decoding: job.prompt, as: UTF8.self)),
            ("Negative prompt", String(decoding: job.negativePrompt, as: UTF8.self)),
            ("Seed", isSeeded ? "\(job.seed)" : ""),
            ("Steps", "\(plan.steps)"),
            ("Guidance", "\(plan.guidance)"),
            ("Size", "\(plan.drawnWidth)x\(plan.drawnHeight)"),
            ("Model", manifest.modelName),
            ("Policy", manifest.policy.name),
        ]
        text.removeAll { $0.1.isEmpty }
        return text
    }
}
