/// diffusers' `SCMScheduler`: consistency sampling of a TrigFlow model (Sana-Sprint, arXiv 2503.09641 §3).
public struct ConsistencyConfig: Sendable, Equatable {
    /// The most steps that the sampler takes.
    public var trainTimesteps: Int
    /// The standard deviation of the data, and so of the noise.
    public var sigmaData: Double

    init(_ fields: inout ConfigFields) throws {
        trainTimesteps = try fields.integer("num_train_timesteps", default: 1000, in: 1...1_000_000)
        _ = try fields.name("prediction_type", default: "trigflow", supported: ["trigflow"])
        sigmaData = try fields.number("sigma_data", default: 0.5, in: 1e-3...1e3)
        // The class has no such options and the pipeline brings its own, whatever a file says.
        fields.ignore(["max_timesteps", "intermediate_timesteps"])
    }
}
