import SanaQuant
import Synchronization

/// A conversion's progress: one bar for each stage.
final class ConvertDisplay: Sendable {
    private let current = Mutex<(stage: Converter.Stage, bar: ProgressBar)?>(nil)

    func show(_ stage: Converter.Stage, done: Int, of total: Int) {
        let bar = current.withLock { current in
            if let current, current.stage == stage { return current.bar }
            let bar = ProgressBar(title(stage), total: total, unit: unit(stage))
            current = (stage, bar)
            return bar
        }
        bar.update(to: done)
        if done == total { bar.finish() }
    }

    private func title(_ stage: Converter.Stage) -> String {
        switch stage {
        case .measuring: "Looking at F32 weights"
        case .calibrating: "Looking for factors and scales"
        case .judging: "Trying the calibration"
        case .converting: "Converting"
        case .hashing: "Hashing the checkpoint"
        case .encoding: "Encoding the instruction"
        }
    }

    private func unit(_ stage: Converter.Stage) -> ProgressBar.Unit {
        switch stage {
        case .measuring, .converting, .hashing: .bytes
        case .calibrating, .judging, .encoding: .parts
        }
    }
}
