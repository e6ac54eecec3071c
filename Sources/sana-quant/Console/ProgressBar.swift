import SanaModel
import Synchronization

/// How far a stage has come, on standard error: a bar with rate and time left on a terminal, a line every ten
/// seconds and one at the end elsewhere.
final class ProgressBar: Sendable {
    enum Unit: Sendable {
        case bytes
        /// Things counted, by their name in the singular.
        case count(String)
        /// Pieces of a stage that mean nothing to a reader.
        case parts
    }

    private struct State {
        var done = 0
        var shown: ContinuousClock.Instant
    }

    private let label: String
    private let total: Int
    private let unit: Unit
    private let start: ContinuousClock.Instant
    private let state: Mutex<State>

    init(_ label: String, total: Int, unit: Unit) {
        self.label = label
        self.total = max(total, 1)
        self.unit = unit
        start = .now
        state = Mutex(State(shown: start))
        if Console.isTerminal { Console.redraw(bar(0, after: .zero)) }
    }

    /// Tells that `done` of the total is done.
    func update(to done: Int) {
        let now = ContinuousClock.now
        state.withLock { state in
            state.done = min(done, total)
            let pause: Duration = Console.isTerminal ? .milliseconds(100) : .seconds(10)
            guard now - state.shown >= pause else { return }
            state.shown = now
            if Console.isTerminal {
                Console.redraw(bar(state.done, after: now - start))
            } else {
                Console.note(
                    "\(label): " + list(percentage(state.done), timeLeft(state.done, after: now - start)))
            }
        }
    }

    /// Tells that the stage is complete.
    func finish() {
        let duration = ContinuousClock.now - start
        let summary = "\(label): " + list(time(duration), amount(total), rate(total, after: duration))
        if Console.isTerminal {
            Console.redraw(summary)
            Console.endLine()
        } else {
            Console.note(summary)
        }
    }

    private func bar(_ done: Int, after duration: Duration) -> String {
        let width = 24
        let filled = Int(Double(done) / Double(total) * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "\(label) [\(bar)] "
            + list(percentage(done), rate(done, after: duration), timeLeft(done, after: duration))
    }

    private func list(_ parts: String?...) -> String {
        parts.compactMap { $0 }.joined(separator: ", ")
    }

    private func percentage(_ done: Int) -> String {
        "\(Int(Double(done) / Double(total) * 100)) %"
    }

    private func amount(_ count: Int) -> String? {
        switch unit {
        case .parts: nil
        case .bytes: bytes(count)
        case .count(let name): "\(count) \(name)\(count == 1 ? "" : "s")"
        }
    }

    private func rate(_ done: Int, after duration: Duration) -> String? {
        guard done > 0, duration > .zero else { return nil }
        switch unit {
        case .parts:
            return nil
        case .bytes:
            return "\(bytes(Int(Double(done) / duration.inSeconds)))/s"
        case .count(let name):
            let each = duration.inSeconds / Double(done)
            return each >= 1 ? "\(fixed(each, 2)) s a \(name)" : "\(fixed(1 / each, 1)) \(name)s/s"
        }
    }

    private func timeLeft(_ done: Int, after duration: Duration) -> String? {
        guard done > 0 else { return nil }
        return "\(time(duration * (Double(total - done) / Double(done)))) left"
    }
}
