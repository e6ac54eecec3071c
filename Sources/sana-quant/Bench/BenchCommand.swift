import ArgumentParser
import SanaEdge

/// `sana-quant bench`: how fast this machine is.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine is.",
        discussion: """
            Needs neither a checkpoint nor a pack. Nothing else should run meanwhile.
            """,
        subcommands: [BenchKernels.self, BenchModel.self])
}

/// What every measurement lets choose.
struct BenchOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads, 1 to \(Compute.maximumThreads). (default: the processors that may be used)",
            valueName: "n"))
    var threads: Int?

    @Flag(help: "Print one JSON object.")
    var json = false
}

/// The option `--threads`.
enum ThreadCount {
    /// - Throws: `UsageError` for a number that is out of range.
    static func checked(_ threads: Int?) throws(UsageError) -> Int {
        let threads = threads ?? Compute.availableProcessors
        guard (1...Compute.maximumThreads).contains(threads) else {
            throw UsageError("The number of threads is \(threads), expected 1 to \(Compute.maximumThreads).")
        }
        return threads
    }
}
