import Synchronization

/// Where the wall-clock time of a run goes, by operation.
///
/// Operations nest: each moment counts for the innermost one, so that the seconds add up to the time between
/// `start` and `stop`.
public final class Profile: Sendable {
    /// What runs when no operation does.
    public static let remainder = "other"

    private struct State {
        var seconds: [String: Double] = [:]
        var open: [String] = []
        var since = ContinuousClock.now

        /// Gives the time since the last change to the operation that ran.
        mutating func settle() {
            let now = ContinuousClock.now
            seconds[open.last ?? Profile.remainder, default: 0] += (now - since) / .seconds(1)
            since = now
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// Forgets everything and begins anew.
    public func start() {
        state.withLock { $0 = State() }
    }

    /// Seconds by operation since `start`.
    public func stop() -> [String: Double] {
        state.withLock {
            $0.settle()
            return $0.seconds
        }
    }

    func enter(_ operation: String) {
        state.withLock {
            $0.settle()
            $0.open.append(operation)
        }
    }

    func leave() {
        state.withLock {
            $0.settle()
            $0.open.removeLast()
        }
    }
}

extension Compute {
    /// Runs a part of a model; where there is a profile, under this name.
    func measured<Result>(_ operation: StaticString, _ body: () throws -> Result) rethrows -> Result {
        guard let profile else { return try body() }
        profile.enter("\(operation)")
        defer { profile.leave() }
        return try body()
    }
}
