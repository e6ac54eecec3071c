import ArgumentParser

/// The option `--memory-limit`.
struct MemoryOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Memory that the run may take, such as 800M, 1.5G or 700MiB. Weights that do not fit are read again \
            whenever they are wanted; the picture stays the same. (default: what is free, less an eighth)
            """,
            valueName: "size"))
    var memoryLimit: String?

    /// Bytes; nil where the option was not given.
    ///
    /// - Throws: `UsageError` for what is no size.
    func checked() throws(UsageError) -> Int? {
        guard let memoryLimit else { return nil }
        return try MemorySize.parse(memoryLimit)
    }
}
