import SanaEdge

/// A run's progress: one bar for each stage, over all pictures.
final class GenerateDisplay {
    private let pictures: Int
    private var stage: GenerationProgress.Stage?
    private var bar: ProgressBar?
    private var shown = 0

    init(pictures: Int) {
        self.pictures = pictures
    }

    func show(_ progress: GenerationProgress) {
        // All prompts are read together.
        let total = progress.stage == .text ? progress.count : pictures * progress.count
        if progress.stage != stage {
            stage = progress.stage
            bar = ProgressBar(title(progress.stage), total: total, unit: unit(progress.stage))
            shown = 0
        }
        let before = progress.stage == .text ? 0 : progress.picture * progress.count
        shown = max(shown, before + progress.done)
        bar?.update(to: shown)
        if shown == total, progress.stage != .text { finish() }
    }

    private func finish() {
        bar?.finish()
        bar = nil
    }

    private func title(_ stage: GenerationProgress.Stage) -> String {
        switch stage {
        case .text: "Reading"
        case .denoise: "Drawing"
        case .decode: "Decoding"
        }
    }

    private func unit(_ stage: GenerationProgress.Stage) -> ProgressBar.Unit {
        switch stage {
        case .text, .decode: .parts
        case .denoise: .count("step")
        }
    }
}
