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
    @OptionGroup var threadOptions: ThreadOptions

    @Flag(help: "Print one JSON object.")
    var json = false
}
