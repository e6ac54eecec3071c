/// diffusers' `FlowMatchEulerDiscreteScheduler`: Euler's method on a flow (arXiv 2403.03206 §3).
public struct FlowEulerConfig: Sendable, Equatable {
    public var trainTimesteps: Int
    public var shift: Double
    /// Whether each step goes to the data and back to the next noise level with new noise.
    public var isStochastic: Bool

    init(_ fields: inout ConfigFields) throws {
        trainTimesteps = try fields.integer("num_train_timesteps", default: 1000, in: 2...1_000_000)
        shift = try fields.number("shift", default: 1, in: 1e-3...1e3)
        isStochastic = try fields.flag("stochastic_sampling", default: false)
        // Sana's pipeline gives no picture's size to the scheduler, which shifting by size would need.
        for key in [
            "use_dynamic_shifting", "invert_sigmas", "use_karras_sigmas", "use_exponential_sigmas",
            "use_beta_sigmas",
        ] {
            try fields.requireNeutral(key, .bool(false))
        }
        try fields.requireNeutral("shift_terminal", .null)
        fields.ignore([
            "base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len", "time_shift_type",
        ])
    }
}
