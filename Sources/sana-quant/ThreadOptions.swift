import ArgumentParser
import SanaEdge

/// The option `--threads`.
struct ThreadOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads, 1 to \(Compute.maximumThreads). (default: the processors that may be used)",
            valueName: "n"))
    var threads: Int?

    /// - Throws: `UsageError` for a number that is out of range.
    func checked() throws(UsageError) -> Int {
        let threads = threads ?? Compute.availableProcessors
        guard (1...Compute.maximumThreads).contains(threads) else {
            throw UsageError("The number of threads is \(threads), expected 1 to \(Compute.maximumThreads).")
        }
        return threads
    }
}
