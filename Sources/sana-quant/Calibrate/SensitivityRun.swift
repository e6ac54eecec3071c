import ArgumentParser
import SanaEdge
import SanaModel
import SanaQuant

/// What a study of layers does.
struct SensitivityOptions: ParsableArguments {
    @Flag(
        name: .customLong("sensitivity"),
        help: "Measure what each layer costs in INT8, in place of what layers read.")
    var isOn = false

    @Option(
        help: ArgumentHelp(
            """
            Choose a policy: bytes of the pack at most, such as 14M, the least PSNR of the pictures, such as 40dB, or, \
            with --clip, the least CLIP similarity of any of them, such as 0.999. -o names its file.
            """, valueName: "budget"))
    var budget: String?

    @Option(
        help: ArgumentHelp(
            "Write the figures as an HTML page with plots and as JSON into this folder.", valueName: "folder")
    )
    var report: String?

    /// Refuses options that do not belong together.
    ///
    /// - Parameter output: where the policy goes, or, without a study, the calibration.
    func check(output: String?, hasCLIP: Bool) throws(UsageError) {
        guard isOn else {
            if budget != nil { throw UsageError("--budget needs --sensitivity.") }
            if report != nil { throw UsageError("--report needs --sensitivity.") }
            if output == nil { throw UsageError("Name the file for the calibration with -o.") }
            return
        }
        if let budget, case .similarity = try parsedBudget(), !hasCLIP {
            throw UsageError("The budget \(quoted(budget)) is a similarity, which --clip is needed for.")
        }
        if (budget == nil) != (output == nil) {
            throw UsageError(
                budget == nil
                    ? "-o names the policy's file, which --budget asks for."
                    : "Name the file for the policy with -o.")
        }
    }

    func parsedBudget() throws(UsageError) -> SensitivityBudget? {
        guard let budget else { return nil }
        if let parsed = SensitivityBudget(budget) { return parsed }
        throw UsageError(
            "The budget \(quoted(budget)) is no size such as 14M, no level such as 40dB and no similarity such as 0.999."
        )
    }
}

/// `sana-quant calibrate --sensitivity`.
struct SensitivityRun {
    let reference: String
    let requests: [GenerationRequest]
    let settings: GenerationSettings
    let threads: Int
    let clip: String?
    let options: SensitivityOptions
    let output: String?
    let json: Bool

    func run() throws {
        let budget = try options.parsedBudget()
        let folder = try options.report.map(SensitivityFolder.init)
        if let output { try AtomicFile(target: output, overwrite: true).abandon() }

        var bar: ProgressBar?
        let study = try SensitivityStudy(
            reference: reference, requests: requests, settings: settings, threads: threads,
            clip: try clip.map(CLIPFolder.init(path:))
        ) { progress in
            try Interruption.check()
            guard progress.count > 1 else { return }
            if bar == nil { bar = ProgressBar("Measuring", total: progress.count, unit: .count("set")) }
            bar?.update(to: progress.done)
        }
        let report = try study.run(budget: budget)
        bar?.finish()
        if let output, let chosen = report.chosen {
            let yaml = chosen.policy(name: policyName(output), measured: summary(chosen))
            try write(Array(yaml.utf8), to: output)
        }
        try folder?.write(SensitivityPage(report).bytes, to: SensitivityFolder.page)
        try folder?.write(Array(report.json.serialized().utf8), to: SensitivityFolder.figures)
        try Console.result(json ? report.json.serialized() : SensitivitySummary(report).text)
        if let chosen = report.chosen, !chosen.isMet {
            throw BudgetNotMet(budget: options.budget ?? "", summary: summary(chosen))
        }
    }

    private func summary(_ choice: SensitivityReport.Choice) -> String {
        let level = choice.effect.psnr.isFinite ? "\(fixed(choice.effect.psnr, 1)) dB" : "equal pictures"
        let similarity = choice.effect.similarity.map { ", least similarity \(fixed($0, 5))" } ?? ""
        return "\(bytes(choice.bytes)), \(level)\(similarity) over \(requests.count) prompts"
    }

    /// The file's name without its folder and ending.
    private func policyName(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? "chosen"
        return String(name.split(separator: ".").first ?? "chosen").filter {
            $0.isLetter || $0.isNumber || "-_".contains($0)
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try AtomicFile(target: path, overwrite: true, expectedSize: bytes.count)
        try file.write(bytes, at: 0)
        try file.commit()
    }
}

/// No choice of layers meets the budget.
private struct BudgetNotMet: Failure {
    let budget: String
    let summary: String

    var exitCode: SanaModel.ExitCode { .qualityGate }

    var description: String {
        "No choice of layers meets the budget \(quoted(budget)); the best has \(summary), and its policy was written."
    }
}
