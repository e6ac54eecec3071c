import SanaModel

/// Euler's method on a flow (arXiv 2403.03206 §3), as diffusers' `FlowMatchEulerDiscreteScheduler` computes it.
struct FlowEuler {
    /// Noise levels, descending, 0 last; `steps + 1` of them.
    let sigmas: [Float]
    /// Fractional steps of training.
    let timesteps: [Float]

    private let isStochastic: Bool
    private var index = 0

    init(_ config: FlowEulerConfig, steps: Int) {
        let (train, shift) = (Double(config.trainTimesteps), config.shift)
        // The ends of the training schedule are shifted once, in float32, and what lies between them once more.
        func trainingSigma(_ timestep: Float) -> Double {
            let sigma = timestep / Float(train)
            return Double(Float(shift) * sigma / (1 + Float(shift - 1) * sigma))
        }
        let first = trainingSigma(Float(train)) * train
        let last = trainingSigma(1) * train
        let spacing = steps > 1 ? (last - first) / Double(steps - 1) : 0
        let levels = (0..<steps).map { step in
            let timestep = step > 0 && step == steps - 1 ? last : first + Double(step) * spacing
            let sigma = timestep / train
            return Float(shift * sigma / (1 + (shift - 1) * sigma))
        }
        sigmas = levels + [0]
        timesteps = levels.map { $0 * Float(train) }
        isStochastic = config.isStochastic
    }

    /// `x ← x + (σ' - σ) v`, or by way of the data, `x0 = x - σ v`, and new noise: `x ← (1 - σ') x0 + σ' z`.
    mutating func step(velocity: [Float], sample: inout [Float], normals: inout Normals) {
        let (sigma, next) = (sigmas[index], sigmas[index + 1])
        if isStochastic {
            let noise = normals.draw(sample.count)
            for i in sample.indices {
                sample[i] = (1 - next) * (sample[i] - sigma * velocity[i]) + next * noise[i]
            }
        } else {
            for i in sample.indices { sample[i] += (next - sigma) * velocity[i] }
        }
        index += 1
    }
}
