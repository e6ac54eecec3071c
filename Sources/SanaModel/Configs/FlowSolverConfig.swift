/// diffusers' `DPMSolverMultistepScheduler` in its flow-matching form (Flow-DPM-Solver, Sana §3.3).
public struct FlowSolverConfig: Sendable, Equatable {
    public enum SolverType: Sendable, Equatable {
        case midpoint
        case heun
    }

    public var trainTimesteps: Int
    /// 1, 2 or 3.
    public var order: Int
    public var solverType: SolverType
    public var lowerOrderFinal: Bool
    public var eulerAtFinal: Bool
    public var flowShift: Double
    /// The noise level after the last step: 0, or the smallest of the training schedule.
    public var finalSigma: Double

    init(_ fields: inout ConfigFields) throws {
        let file = fields.file
        trainTimesteps = try fields.integer("num_train_timesteps", default: 1000, in: 2...1_000_000)
        order = try fields.integer("solver_order", default: 2, in: 1...3)
        // Names of other solvers' types stand for the midpoint, as in diffusers; so does `deis` below for dpmsolver++.
        let type = try fields.name(
            "solver_type", default: "midpoint", supported: ["midpoint", "heun", "logrho", "bh1", "bh2"])
        solverType = type == "heun" ? .heun : .midpoint
        lowerOrderFinal = try fields.flag("lower_order_final", default: true)
        eulerAtFinal = try fields.flag("euler_at_final", default: false)
        flowShift = try fields.number("flow_shift", default: 1, in: 1e-3...1e3)
        _ = try fields.name("algorithm_type", default: "dpmsolver++", supported: ["dpmsolver++", "deis"])
        _ = try fields.name("prediction_type", default: "epsilon", supported: ["flow_prediction"])
        guard fields.value("prediction_type") != nil else {
            throw ConfigError.missing(file: file, key: "prediction_type")
        }
        guard try fields.flag("use_flow_sigmas", default: false) else {
            throw ConfigError.unsupported(
                file: file, key: "use_flow_sigmas", found: "false", supported: "true")
        }
        for key in [
            "thresholding", "use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas",
            "use_lu_lambdas",
            "use_dynamic_shifting",
        ] {
            try fields.requireNeutral(key, .bool(false))
        }
        let final = try fields.name("final_sigmas_type", default: "zero", supported: ["zero", "sigma_min"])
        finalSigma = try final == "zero" ? 0 : Self.smallestTrainingSigma(&fields)
        // With flow sigmas, the training schedule's betas and the spacing of its timesteps are not used.
        fields.ignore([
            "beta_start", "beta_end", "beta_schedule", "trained_betas",
            "dynamic_thresholding_ratio", "lambda_min_clipped", "rescale_betas_zero_snr", "sample_max_value",
            "steps_offset", "time_shift_type", "timestep_spacing", "variance_type",
        ])
    }

    /// `sqrt((1 - ᾱ₀) / ᾱ₀)` of the training schedule, where ᾱ₀ = 1 - β₀.
    private static func smallestTrainingSigma(_ fields: inout ConfigFields) throws -> Double {
        try fields.requireNeutral("trained_betas", .null)
        try fields.requireNeutral("rescale_betas_zero_snr", .bool(false))
        _ = try fields.name("beta_schedule", default: "linear", supported: ["linear", "scaled_linear"])
        let first = Float(try fields.number("beta_start", default: 0.0001, in: 1e-12...0.999))
        let remaining = 1 - first
        return Double(((1 - remaining) / remaining).squareRoot())
    }
}
