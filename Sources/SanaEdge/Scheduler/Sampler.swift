import SanaModel

/// From noise to latents, step by step, as the checkpoint's scheduler goes.
package struct Sampler {
    private enum Method {
        case solver(FlowSolver)
        case euler(FlowEuler)
        case consistency(ConsistencySampler)
    }

    private var method: Method

    /// - Parameter timestepScale: what the pipeline multiplies timesteps by; few-step pipelines do not.
    package init(_ config: SchedulerConfig, steps: Int, timestepScale: Double = 1) {
        let scale = Float(timestepScale)
        switch config {
        case .flowSolver(let config):
            let solver = FlowSolver(config, steps: steps)
            timesteps = solver.timesteps.map { Float($0) * scale }
            method = .solver(solver)
        case .flowEuler(let config):
            let euler = FlowEuler(config, steps: steps)
            timesteps = euler.timesteps.map { $0 * scale }
            method = .euler(euler)
        case .consistency(let config):
            let sampler = ConsistencySampler(config, steps: steps)
            timesteps = sampler.flowTimes
            method = .consistency(sampler)
        }
    }

    /// What the model is told, one for each step.
    package let timesteps: [Float]

    /// The sample that a run begins with.
    package func start(_ noise: [Float]) -> [Float] {
        switch method {
        case .solver, .euler: noise
        case .consistency(let sampler): sampler.start(noise)
        }
    }

    /// What the model sees of the sample at the next step.
    package func modelInput(_ sample: [Float]) -> [Float] {
        switch method {
        case .solver, .euler: sample
        case .consistency(let sampler): sampler.modelInput(sample)
        }
    }

    /// Moves the sample one step along the model's output; behind the last one it holds the latents.
    ///
    /// - Parameter normals: where methods that add noise draw it.
    package mutating func step(output: [Float], sample: inout [Float], normals: inout Normals) {
        switch method {
        case .solver(var solver):
            solver.step(velocity: output, sample: &sample)
            method = .solver(solver)
        case .euler(var euler):
            euler.step(velocity: output, sample: &sample, normals: &normals)
            method = .euler(euler)
        case .consistency(var sampler):
            sampler.step(output: output, sample: &sample, normals: &normals)
            method = .consistency(sampler)
        }
    }
}
