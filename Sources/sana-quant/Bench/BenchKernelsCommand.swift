import ArgumentParser
import SanaEdge
import SanaModel
import SanaQuant

/// `sana-quant bench kernels`: the int8 products beside the peak of their instructions.
struct BenchKernels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Measure the int8 products beside the peak of their instructions.",
        discussion: """
            For each tier (instruction set) that this CPU has, first the peak: a loop of the tier's multiply-add in \
            registers alone. Then the matrix products of Sana 0.6B and 1.6B, each with what its layer does to the \
            sums, and the decoder's 3x3 convolutions on a band of at most 64 rows: in residual blocks with quantizing \
            what comes out, behind upsampling with quantizing what comes in. Rates are 10⁹ executed multiply-adds a \
            second, the best of several batches.

            Examples:
              sana-quant bench kernels
              sana-quant bench kernels --tier avx512vnni --only gemm --json

            A JSON object has "threads" and "tiers": each with "tier", "peakGMACs" and "floatPeakGMACs" (of "one" \
            thread and of "all") and "shapes" ("kind", "rows", "columns", "depth", "one", "all", "shareOne", \
            "shareAll" and more that tells the shape).
            """)

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Measure this tier alone. May be given several times. (default: all of this CPU)",
            valueName: "name"))
    var tier: [String] = []

    @Option(help: ArgumentHelp("Measure gemm or convolution alone.", valueName: "kind"))
    var only: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Measure this product alone: its rows, columns and depth, as 1024x3456x1152. May be given several times.",
            valueName: "size"))
    var shape: [String] = []

    @OptionGroup var options: BenchOptions

    func run() throws {
        var benchmark = KernelBenchmark()
        benchmark.threads = try options.threadOptions.checked()
        // All tiers are measured, but a name in QK_TIER that means nothing is refused here too.
        _ = try Tier.selected()
        if !tier.isEmpty { benchmark.tiers = try tier.map(named) }
        if let only { benchmark.shapes = try shapes(only) }
        if !shape.isEmpty { benchmark.shapes = try shape.flatMap { try shapes($0, of: benchmark.shapes) } }

        let count = benchmark.tiers.count * benchmark.shapes.count
        let bar = ProgressBar("Measuring", total: count, unit: .parts)
        let report = try benchmark.run { done, _ in
            try Interruption.check()
            bar.update(to: done)
        }
        bar.finish()
        try Console.result(options.json ? report.json.serialized() : KernelSummary(report).text)
    }

    private func named(_ name: String) throws(UsageError) -> Tier {
        if let tier = Tier.available.first(where: { $0.name == name }) { return tier }
        let names = Tier.available.map(\.name).joined(separator: ", ")
        throw UsageError("This CPU has no tier \(quoted(name)); it can run \(names).")
    }

    private func shapes(_ kind: String) throws(UsageError) -> [KernelShape] {
        let shapes = KernelShape.all.filter { $0.kind == kind }
        guard shapes.isEmpty else { return shapes }
        throw UsageError("There is no kind of product \(quoted(kind)); the kinds are gemm and convolution.")
    }

    private func size(of shape: KernelShape) -> String { "\(shape.rows)x\(shape.columns)x\(shape.depth)" }

    private func shapes(_ size: String, of all: [KernelShape]) throws(UsageError) -> [KernelShape] {
        let shapes = all.filter { self.size(of: $0) == size }
        guard shapes.isEmpty, let other = all.first else { return shapes }
        let kind = only.map { "\($0) product" } ?? "product"
        throw UsageError("No \(kind) of Sana is \(quoted(size)); one is \(self.size(of: other)).")
    }
}
