import SanaEdge
import SanaModel

/// What a calibration makes of a conversion, as far as it does the model good.
struct JudgedCalibration {
    let plans: [TensorPlan]
    /// The factors that the pack holds, by name, in order.
    let inputFactors: [String]
    /// Whether anything in the pack differs from what it is without a calibration.
    let isChanged: Bool
    let report: CalibrationReport
}

extension JudgedCalibration {
    /// Decides layer by layer, then holds each component that has changed against what the reference gave.
    ///
    /// - Parameters:
    ///   - manifest: of the pack without a calibration.
    ///   - target: where the pack will stand. Beside it each component is written twice, one at a time, and removed.
    ///   - progress: what the stages have done and have to do; may throw to stop.
    init(
        _ plans: [TensorPlan], _ configs: ModelConfigs, _ calibration: Calibration, _ manifest: Manifest,
        target: String, overwrite: Bool, on compute: Compute,
        progress: @escaping @Sendable (Converter.Stage, Int, Int) throws -> Void
    ) throws {
        guard calibration.weightsHash == manifest.weightsHash else {
            self.init(
                plans: plans, inputFactors: [], isChanged: false,
                report: CalibrationReport(path: calibration.path, isOfOtherWeights: true))
            return
        }
        var calibrated = try CalibratedPlans(plans, configs, calibration, on: compute) {
            try progress(.calibrating, $0, $1)
        }
        var changed = manifest
        changed.inputFactors = calibrated.inputFactors
        let components = calibrated.changed
        let sizes = components.map { component in
            plans.reduce(0) { $1.spec.component == component ? $0 + $1.source.byteCount : $0 }
        }
        // Twice, and what was written is then looked at.
        let total = 4 * sizes.reduce(0, +)
        var done = 0
        var report = CalibrationReport(path: calibration.path)
        for (component, size) in zip(components, sizes) {
            func levels(_ plans: [TensorPlan], _ manifest: Manifest) throws -> [Double] {
                let plans = plans.filter { $0.spec.component == component }
                let pack = try PackAssembly(target: target, overwrite: overwrite, plans: plans)
                try TensorConversion(plans).run(on: compute, into: pack) { [done] now, _ in
                    try progress(.judging, done + min(now, size), total)
                }
                done += size
                let judge = ComponentJudge(pictures: calibration.pictures, compute: compute)
                let levels = try judge.levels(component, pack.reader(manifest)) {
                    try progress(.judging, done, total)
                }
                done += size
                try progress(.judging, done, total)
                return levels
            }
            let verdict = CalibrationVerdict(
                component, plain: try levels(plans, manifest),
                calibrated: try levels(calibrated.plans, changed))
            if !verdict.isKept { calibrated.drop(component) }
            report.verdicts.append(verdict)
        }
        self.init(
            plans: calibrated.plans, inputFactors: calibrated.inputFactors,
            isChanged: !calibrated.changed.isEmpty, report: report)
    }
}

/// What became of a calibration.
public struct CalibrationReport: Sendable, Equatable {
    /// Its file.
    public let path: String
    /// Whether it was measured on other weights, so that nothing of it was taken.
    public var isOfOtherWeights = false
    /// Of the components that it would change.
    public var verdicts: [CalibrationVerdict] = []

    /// What was not taken and why, a sentence each.
    public var notes: [String] {
        guard !isOfOtherWeights else {
            return [
                """
                The calibration \(quoted(path)) was measured on other weights than these, or with other adapters, so \
                all scales are plain; convert this checkpoint with --policy fp16 and the same --lora, and calibrate \
                that pack.
                """
            ]
        }
        return verdicts.filter { !$0.isKept }.map(\.refusal)
    }
}
