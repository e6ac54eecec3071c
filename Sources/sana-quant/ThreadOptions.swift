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
        try Self.requireAddresses(threads: threads)
        return threads
    }

    /// Refuses a limit on addresses that a program of so many threads cannot be run in: OpenBLAS asks without end for
    /// what it does not get.
    static func requireAddresses(threads: Int) throws(UsageError) {
        guard let limit = MemoryAvailable.addresses else { return }
        guard ProgramMemory.addressable(limit, threads: threads) > 0 else {
            throw UsageError(
                """
                The limit on addresses (ulimit -v) is \(limit / 1_000_000)M, too little for the program and \
                \(threads) \(threads == 1 ? "thread" : "threads"); raise it, or use fewer threads.
                """)
        }
    }
}
