import ArgumentParser
import SanaModel
import SanaQuant

/// `sana-quant check merge`: the shards of one check, put together.
struct CheckMerge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        _superCommandName: "sana-quant check",
        abstract: "Put the shards of a check together.",
        discussion: """
            Reads what the runs with --shard have written and prints what one run over all prompts would have. All \
            shards must be there and done.

            Examples:
              sana-quant check merge edge.sanaq.check-*.jsonl --min-similarity 0.99
              sana-quant check merge 1.jsonl 2.jsonl --report report --json
            """)

    @Argument(help: "The files of all shards.")
    var files: [String]

    @OptionGroup(title: "What must hold")
    var gateOptions: GateOptions

    @OptionGroup(title: "Output")
    var outputOptions: CheckOutputOptions

    func run() throws {
        let report = try QualityMerge.report(files, gates: try gateOptions.checked())
        if let folder = try outputOptions.reportFolder() {
            try InputFiles(files).refuse(folder.files(prompts: 0..<0))
            try folder.write(report)
        }
        try outputOptions.show(report)
        try report.requirePassed()
    }
}
