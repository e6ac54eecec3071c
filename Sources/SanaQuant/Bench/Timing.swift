import SanaEdge

/// How long a piece of work takes.
public struct Timing: Sendable, Equatable {
    /// The median of the repeats; of an even number of them, the lower one of the middle.
    public let seconds: Double
    /// Where the median repeat's time went; empty without a profile. It adds up to `seconds`.
    public let operations: [Operation]

    public struct Operation: Sendable, Equatable {
        public let name: String
        public let seconds: Double
    }

    /// Runs the work once to warm up, then `repeats` times.
    ///
    /// - Parameter prepare: comes before each run and is not measured.
    init(
        repeats: Int, profile: Profile? = nil, prepare: () throws -> Void = {}, _ work: () throws -> Void
    ) throws {
        try prepare()
        try work()
        var runs: [(seconds: Double, operations: [String: Double])] = []
        for _ in 0..<repeats {
            try prepare()
            let start = ContinuousClock.now
            profile?.start()
            try work()
            let operations = profile?.stop()
            let seconds = operations?.values.reduce(0, +) ?? (ContinuousClock.now - start) / .seconds(1)
            runs.append((seconds, operations ?? [:]))
        }
        let median = runs.sorted { $0.seconds < $1.seconds }[(repeats - 1) / 2]
        seconds = median.seconds
        operations = median.operations.map { Operation(name: $0.key, seconds: $0.value) }
            .sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
    }
}
