import SanaQuant

/// A check's progress: one bar over all prompts.
final class CheckDisplay {
    private var bar: ProgressBar?
    /// Parts of a prompt that the bar can tell apart.
    private static let grain = 100

    func show(_ progress: QualityCheck.Progress) {
        let total = Self.grain * progress.count
        let bar = self.bar ?? ProgressBar("Checking", total: total, unit: .parts)
        self.bar = bar
        bar.update(to: Int(progress.done * Double(Self.grain)))
        if Int(progress.done) == progress.count { bar.finish() }
    }
}
