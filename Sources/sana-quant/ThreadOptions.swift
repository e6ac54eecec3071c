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
    private static func requireAddresses(threads: Int) throws(UsageError) {
        guard !isAddressable(threads: threads), let limit = MemoryAvailable.addresses else { return }
        throw UsageError(
            """
            The limit on addresses (ulimit -v) is \(limit / 1_000_000)M, too little for the program and \
            \(threads == 1 ? "a thread; raise it." : "\(threads) threads; raise it, or use fewer threads.")
            """)
    }

    private static func isAddressable(threads: Int) -> Bool {
        MemoryAvailable.addresses.map { ProgramMemory.addressable($0, threads: threads) > 0 } ?? true
    }

    /// As many threads as a limit on addresses leaves room for, the processors that may be used at most.
    ///
    /// - Throws: `UsageError` where it leaves none.
    static func affordable() throws(UsageError) -> Int {
        var threads = Compute.availableProcessors
        while threads > 1, !isAddressable(threads: threads) { threads -= 1 }
        try requireAddresses(threads: threads)
        return threads
    }
}
