import ArgumentParser
import SanaEdge
import SanaModel
import SanaQuant

extension DrawingOptions {
    /// Throws if any is given: it would have no effect on pictures that are there already.
    func refuseForPictures() throws(UsageError) {
        let given: [(String, Bool)] = [
            ("--width", width != nil), ("--height", height != nil), ("--binning", binning != nil),
            ("--steps", steps != nil), ("--guidance", guidance != nil),
        ]
        if let option = given.first(where: \.1)?.0 {
            throw UsageError("\(option) has no effect on pictures that are there already; leave it out.")
        }
    }
}

/// What makes the exit code 2.
struct GateOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("End with 2 where the mean CLIP similarity is below this.", valueName: "x"))
    var minSimilarity: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End with 2 where the CLIP similarity of any prompt is below this.", valueName: "x"))
    var minWorstSimilarity: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End with 2 where the mean CLIP score drops by more than this.", valueName: "x"))
    var maxScoreDrop: Double?

    func checked() throws(UsageError) -> QualityGates {
        let bounds: [(String, Double?, ClosedRange<Double>)] = [
            ("--min-similarity", minSimilarity, -1...1),
            ("--min-worst-similarity", minWorstSimilarity, -1...1),
            ("--max-score-drop", maxScoreDrop, -100...100),
        ]
        for (option, value, range) in bounds {
            if let value, !range.contains(value) {
                throw UsageError(
                    "\(option) is \(value), expected \(Int(range.lowerBound)) to \(Int(range.upperBound)).")
            }
        }
        return QualityGates(
            minSimilarity: minSimilarity, minWorstSimilarity: minWorstSimilarity, maxScoreDrop: maxScoreDrop)
    }
}

/// In which parts the work is done.
struct CheckRunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Do every N-th prompt only, from the K-th on, K from 1 to N. What is done stays in the file of --state, \
            for `check merge`.
            """,
            valueName: "k/n"))
    var shard: String?

    @Option(
        help: ArgumentHelp(
            """
            Keep finished prompts in this file, and go on from those that are there. (default: CANDIDATE.check.jsonl, \
            which goes when all is done; of a shard CANDIDATE.check-K-of-N.jsonl, which stays)
            """,
            valueName: "file"))
    var state: String?

    @OptionGroup var threadOptions: ThreadOptions
    @OptionGroup var memoryOptions: MemoryOptions

    func readShard() throws(UsageError) -> Shard {
        guard let shard else { return .whole }
        let numbers = shard.split(separator: "/", omittingEmptySubsequences: false).map { digits in
            digits.allSatisfy { "0"..."9" ~= $0 } ? Int(digits) : nil
        }
        guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
            (1...Shard.limit).contains(count), (1...count).contains(index)
        else {
            throw UsageError("The shard is \(quoted(shard)), expected K/N with K from 1 to N, such as 3/16.")
        }
        return Shard(index: index, count: count)
    }

    func place(beside candidate: String, _ shard: Shard) -> RecordPlace {
        if let state { return RecordPlace(path: state, isChosen: true) }
        var stem = candidate
        while stem.count > 1, stem.hasSuffix("/") { stem.removeLast() }
        let part = shard == .whole ? "" : "-\(shard.index)-of-\(shard.count)"
        return RecordPlace(path: "\(stem).check\(part).jsonl", isChosen: false)
    }
}

/// Where the figures go.
struct CheckOutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write report.html, report.json and the pictures of each prompt into this folder.",
            valueName: "folder"))
    var report: String?

    @Flag(help: "Print one JSON object in place of the table.")
    var json = false

    func reportFolder() throws -> ReportFolder? {
        try report.map { try ReportFolder(path: $0) }
    }

    func show(_ report: QualityReport) throws {
        try Console.result(json ? report.json.serialized() : CheckSummary(report).text)
    }
}
