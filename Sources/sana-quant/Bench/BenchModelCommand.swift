import ArgumentParser
import SanaEdge
import SanaModel
import SanaQuant
import Synchronization

/// `sana-quant bench model`: how long each part of a run takes.
struct BenchModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Time each part of a run on a model with random weights.",
        discussion: """
            Makes the model in memory, one component after the other, and times it: the text encoder on 30 and on \
            300 tokens, a pass of the transformer with guidance (a prompt of 300 tokens beside the empty negative \
            prompt; Sana-Sprint embeds guidance and has none), the decoder, and the load of the transformer's pack. A time is the median of the repeats after \
            one run to warm up.

            The bound is the time that the arithmetic would take at the peak of the instructions, which is measured \
            in registers alone, before and behind each run; the median counts. The arithmetic is nominal, what \
            diffusers multiplies, whatever is avoided here: both halves of guidance, where there are two, with 300 tokens each, nine taps behind upsampling. The bound of the policy \
            fp16 is float32's.

            Examples:
              sana-quant bench model --preset sana-0.6b
              sana-quant bench model --preset sana-1.6b --only transformer --profile
              sana-quant bench model --policy fp16 --only decoder --json

            A JSON object has "preset", "policy", "width", "height", "textSeconds30", "textSeconds300", \
            "transformerPassSeconds", "decodeSeconds", "loadSeconds" (null where left out), "macs" (of "text30", \
            "text300", "transformerPass" and "decode"), "peakGMACs" and "floatPeakGMACs" (10⁹ a second, all \
            threads), "tier", "threads" and, with --profile, "profile" (lists of "operation", "seconds" and "share").
            """)

    @Option(
        help: ArgumentHelp(
            """
            sana-0.6b, sana-1.6b (both also with -512, -2k and -4k), sana-1.5-1.6b, sana-1.5-4.8b, sana-sprint-0.6b, \
            sana-sprint-1.6b, or reference, a small one.
            """,
            valueName: "name"))
    var preset = ModelPreset.sana06B.rawValue

    @Option(
        help: ArgumentHelp("edge, sana, fp16, or the path of a policy's YAML file.", valueName: "policy"))
    var policy = Preset.edge.rawValue

    @OptionGroup var size: SizeOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Measure this part alone: text, transformer, decoder or load. May be given several times.",
            valueName: "part"))
    var only: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Timed runs of each part, 1 to \(Self.repeatLimit).", valueName: "n"))
    var repeats = 5

    @Flag(help: "Tell where the time of each part goes, by operation.")
    var profile = false

    @OptionGroup var options: BenchOptions

    static let repeatLimit = 1000

    func run() throws {
        var benchmark = ModelBenchmark(tier: try Tier.selected())
        benchmark.threads = try options.threadOptions.checked()
        benchmark.preset = try named(preset, "preset", ModelPreset.init, of: ModelPreset.allCases)
        if !only.isEmpty {
            benchmark.parts = try Set(
                only.map { try named($0, "part", ModelBenchmark.Part.init, of: ModelBenchmark.Part.allCases) }
            )
        }
        guard (1...Self.repeatLimit).contains(repeats) else {
            throw UsageError("The number of repeats is \(repeats), expected 1 to \(Self.repeatLimit).")
        }
        (benchmark.policy, benchmark.width, benchmark.height) = (policy, size.width, size.height)
        (benchmark.repeats, benchmark.profiles) = (repeats, profile)

        let display = BenchModelDisplay()
        let report = try benchmark.run { stage, done, total in
            try Interruption.check()
            display.show(stage, done: done, of: total)
        }
        try Console.result(options.json ? report.json.serialized() : ModelSummary(report).text)
    }

    private func named<Value: RawRepresentable<String>>(
        _ name: String, _ what: String, _ value: (String) -> Value?, of all: [Value]
    ) throws(UsageError) -> Value {
        if let value = value(name) { return value }
        let names = all.map(\.rawValue).joined(separator: ", ")
        throw UsageError("There is no \(what) \(quoted(name)); the \(what)s are \(names).")
    }
}

/// A bar for each component that is made.
private final class BenchModelDisplay: Sendable {
    private let current = Mutex<(component: Component, bar: ProgressBar)?>(nil)

    func show(_ stage: ModelBenchmark.Stage, done: Int, of total: Int) {
        guard case .making(let component) = stage else { return }
        let bar = current.withLock { current in
            if let current, current.component == component { return current.bar }
            let bar = ProgressBar("Making the \(component.title)", total: total, unit: .bytes)
            current = (component, bar)
            return bar
        }
        bar.update(to: done)
        if done == total { bar.finish() }
    }
}
