import SanaEdge
import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The plans of a conversion, brought to what a calibration found.
struct CalibratedPlans {
    private(set) var plans: [TensorPlan]
    /// The factors that the pack holds, by name, in order.
    private(set) var inputFactors: [String] = []
    /// As they were.
    private let original: [TensorPlan]

    private let indices: [String: Int]
    private let calibration: Calibration
    private let compute: Compute

    /// What the noise with searched scales must fall to, as a share of that with absmax / 127.
    private static let leastGain = 0.995

    /// `progress` takes the weights that are done and all of them, and may throw to stop.
    init(
        _ plans: [TensorPlan], _ configs: ModelConfigs, _ calibration: Calibration, on compute: Compute,
        progress: (Int, Int) throws -> Void
    ) throws {
        self.plans = plans
        original = plans
        self.calibration = calibration
        self.compute = compute
        indices = Dictionary(uniqueKeysWithValues: plans.enumerated().map { ($1.spec.packName, $0) })

        let groups = configs.smoothingGroups
        let grouped = Set(groups.flatMap(\.consumers))
        let others = plans.filter { $0.spec.inputName != nil && !grouped.contains($0.spec.packName) }
        let total = groups.count + others.count
        var vectors: [(factors: InputFactors, values: [Float])] = []
        for (index, group) in groups.enumerated() {
            try progress(index, total)
            if let factors = try smooth(group), let place = group.factors {
                vectors.append((place, factors.map { 1 / $0 }))
            }
        }
        for (index, plan) in others.enumerated() {
            try progress(groups.count + index, total)
            guard let input = try plan.spec.inputName.flatMap(calibration.input) else { continue }
            try decideScales(
                plan.spec.packName, input, factors: nil, strength: nil, trial: try trial(plan, input))
        }
        try progress(total, total)
        insert(vectors)
    }

    /// The components of which anything in the pack differs from what it is without a calibration.
    var changed: [Component] {
        Component.allCases.filter { component in
            plans.contains { $0.spec.component == component && ($0.adjustment?.isChange ?? false) }
        }
    }

    /// Takes back what was done to a component.
    mutating func drop(_ component: Component) {
        let factors = plans.filter { $0.spec.component == component && $0.spec.kind == .factors }
        inputFactors.removeAll { name in factors.contains { $0.spec.packName == name } }
        plans = plans.filter { $0.spec.component != component || $0.spec.kind != .factors }.map { plan in
            guard plan.spec.component == component, let index = indices[plan.spec.packName] else {
                return plan
            }
            return original[index]
        }
    }

    /// Decides on a group's factors and on the scales of its weights.
    private mutating func smooth(_ group: SmoothingGroup) throws -> [Float]? {
        guard let input = try calibration.input(group.input) else { return nil }
        let consumers = group.consumers.compactMap { indices[$0] }.map { plans[$0] }
        let quantized = consumers.filter { $0.scheme.isQuantized }
        let trials = try quantized.map { try trial($0, input) }
        var result: SmoothingSearch.Result?
        let known = trials.compactMap(\.self)
        let isPossible = group.factors?.isQuantizers != true || consumers.allSatisfy { $0.scheme == .w8a8 }
        if isPossible, !known.isEmpty, known.count == quantized.count {
            let search = SmoothingSearch(limits: try limits(group, consumers, channels: input.channels))
            result = search.best(for: known, input)
        }
        for (plan, trial) in zip(quantized, trials) {
            try decideScales(
                plan.spec.packName, input, factors: result?.factors, strength: result?.strength, trial: trial)
        }
        guard let factors = result?.factors else { return nil }
        for plan in consumers { adjust(plan.spec.packName) { $0.columnFactors = factors } }
        for producer in group.producers {
            guard let index = indices[producer.tensor] else { continue }
            var rows = [Float](repeating: 1, count: plans[index].rows)
            for (row, factor) in zip(producer.rows, factors) { rows[row] = 1 / factor }
            adjust(producer.tensor) { $0.rowFactors = rows }
        }
        return factors
    }

    /// Decides whether a weight gets searched scales, and notes what was measured.
    private mutating func decideScales(
        _ name: String, _ input: Calibration.Input, factors: [Float]?,
        strength: SmoothingSearch.Strength?, trial: QuantizationTrial?
    ) throws {
        guard let index = indices[name], plans[index].scheme.isQuantized else { return }
        var outcome = CalibrationOutcome(alpha: strength?.alpha)
        var importance: [Float]? = input.moments
        if let factors { importance = zip(input.moments, factors).map { $0 / ($1 * $1) } }
        let columns = plans[index].columns
        if let trial {
            let plain = trial.noise(.init())
            let smoothed = factors == nil ? plain : trial.noise(.init(factors: factors))
            let searched = trial.noise(.init(factors: factors, moments: input.moments))
            let isBetter = searched.mean < Self.leastGain * smoothed.mean
            if !isBetter { importance = nil }
            outcome.plainDecibels = decibels(plain.mean)
            outcome.decibels = decibels(isBetter ? searched.mean : smoothed.mean)
        } else if plans[index].spec.kind == .linear {
            // Nothing to hold them against.
            importance = nil
        }
        outcome.hasSearchedScales = importance != nil
        adjust(name) { adjustment in
            // Taps stand side by side, channels innermost.
            adjustment.importance = importance.map { moments in
                (0..<columns).map { moments[$0 % moments.count] }
            }
            adjustment.outcome = outcome
        }
    }

    private mutating func adjust(_ name: String, _ change: (inout WeightAdjustment) -> Void) {
        guard let index = indices[name] else { return }
        var adjustment = plans[index].adjustment ?? WeightAdjustment()
        change(&adjustment)
        plans[index].adjustment = adjustment
    }

    private func trial(_ plan: TensorPlan, _ input: Calibration.Input) throws -> QuantizationTrial? {
        guard plan.spec.kind == .linear, plan.scheme.isQuantized else { return nil }
        return try QuantizationTrial(
            weight: try plan.values(), inputs: input.channels, scheme: plan.scheme, rows: input.rows,
            on: compute)
    }

    /// What 16-bit tensors of a group leave room for: no overflow, and no loss of digits in small numbers.
    private func limits(
        _ group: SmoothingGroup, _ consumers: [TensorPlan], channels: Int
    ) throws -> [ClosedRange<Int>] {
        let most = SmoothingSearch.greatestExponent
        var limits = [ClosedRange<Int>](repeating: -most...most, count: channels)
        /// Whether numbers of at most `peak` can be multiplied with two to the power of each exponent that is left.
        func narrow(_ channel: Int, _ peak: Float, isDivided: Bool) {
            // Where a number is none already, nothing is left to lose.
            guard peak > 0, peak.isFinite else { return }
            let up = min(most, max(0, 14 - Int(peak.exponent)))
            let down = min(most, max(0, Int(peak.exponent) + 11))
            let (low, high) = isDivided ? (-up, down) : (-down, up)
            limits[channel] = max(low, limits[channel].lowerBound)...min(high, limits[channel].upperBound)
        }
        for producer in group.producers {
            guard let index = indices[producer.tensor], plans[index].elementType == .f16 else { continue }
            let plan = plans[index]
            let values = try plan.values()
            for (channel, row) in producer.rows.enumerated() {
                let peak = values[row * plan.columns..<(row + 1) * plan.columns].reduce(0) {
                    max($0, $1.magnitude)
                }
                narrow(channel, peak, isDivided: true)
            }
        }
        for plan in consumers where plan.elementType == .f16 {
            let values = try plan.values()
            for channel in 0..<channels {
                let peak = stride(from: channel, to: values.count, by: channels).reduce(Float(0)) {
                    max($0, values[$1].magnitude)
                }
                narrow(channel, peak, isDivided: false)
            }
        }
        return limits
    }

    /// Puts the vectors before the weights that they belong to.
    private mutating func insert(_ vectors: [(factors: InputFactors, values: [Float])]) {
        var before: [String: TensorPlan] = [:]
        for (factors, values) in vectors {
            let assignment = Assignment(
                spec: factors.spec, scheme: .f32, reason: "factors that a calibration moved into weights")
            before[factors.weight] = TensorPlan(assignment, FactorSource(values: values), fitsF16: true)
        }
        inputFactors = plans.compactMap { before[$0.spec.packName]?.spec.packName }
        plans = plans.flatMap { plan in [before[plan.spec.packName], plan].compactMap(\.self) }
    }
}

/// 10 log10(1 / noise)
private func decibels(_ noise: Double) -> Double? { noise > 0 ? -10 * log10(noise) : nil }

/// Factors that no checkpoint holds.
private struct FactorSource: TensorSource {
    let values: [Float]

    var type: ElementType { .f32 }
    var elementCount: Int { values.count }

    func readBytes(elements: Range<Int>) throws -> [UInt8] {
        littleEndianBytes(values[elements].map(\.bitPattern))
    }
}
