import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Multistep consistency sampling with a TrigFlow model that was made from a flow model (Sana-Sprint,
/// arXiv 2503.09641 §3.1), as diffusers' `SanaSprintPipeline` and `SCMScheduler` compute it.
///
/// Times are angles from about π/2, noise, to 0, data. The model knows flow time τ = sin s / (sin s + cos s) and
/// predicts a flow's velocity on inputs of a flow's magnitude; both are converted around it. All of it is float32.
struct ConsistencySampler {
    /// Angles, descending, 0 last; `steps + 1` of them.
    let times: [Float]
    private let sigmaData: Float
    private var index = 0

    /// The first angle of every run: π/2, rounded as diffusers has it.
    private static let firstTime: Float = 1.57080
    /// The angle between the two steps of a run of two.
    private static let middleTime: Float = 1.3

    init(_ config: ConsistencyConfig, steps: Int) {
        if steps == 2 {
            times = [Self.firstTime, Self.middleTime, 0]
        } else {
            // As torch's linspace rounds: from the nearer end.
            let spacing = -Self.firstTime / Float(steps)
            times = (0...steps).map { step in
                step < (steps + 1) / 2
                    ? Self.firstTime + spacing * Float(step) : -(spacing * Float(steps - step))
            }
        }
        sigmaData = Float(config.sigmaData)
    }

    /// What the model is told, one for each step.
    var flowTimes: [Float] { times.dropLast().map(Self.flowTime) }

    private static func flowTime(_ time: Float) -> Float { sin(time) / (cos(time) + sin(time)) }

    /// `sqrt(τ² + (1 - τ)²)`, the magnitude of a flow's noisy sample.
    private static func magnitude(_ flowTime: Float) -> Float {
        (flowTime * flowTime + (1 - flowTime) * (1 - flowTime)).squareRoot()
    }

    func start(_ noise: [Float]) -> [Float] { noise.map { $0 * sigmaData } }

    func modelInput(_ sample: [Float]) -> [Float] {
        let magnitude = Self.magnitude(Self.flowTime(times[index]))
        return sample.map { $0 / sigmaData * magnitude }
    }

    /// With the model's input i and output v, the TrigFlow prediction is
    /// `F = σ ((1 - 2τ) i + (1 - 2τ + 2τ²) v) / magnitude`, the data `x0 = cos(s) x - sin(s) F` and the next sample
    /// `cos(t) x0 + sin(t) σ z`; behind the last step the sample is `x0 / σ`.
    mutating func step(output: [Float], sample: inout [Float], normals: inout Normals) {
        let (time, next) = (times[index], times[index + 1])
        let input = modelInput(sample)
        let flowTime = Self.flowTime(time)
        let magnitude = Self.magnitude(flowTime)
        let inputShare = 1 - 2 * flowTime
        let outputShare = 1 - 2 * flowTime + 2 * (flowTime * flowTime)
        // Drawn on the last step too, where nothing of it stays.
        let noise = normals.draw(sample.count)
        let isLast = index == times.count - 2
        let (keep, turn, keepNext, turnNext) = (cos(time), sin(time), cos(next), sin(next))
        for i in sample.indices {
            let prediction = (inputShare * input[i] + outputShare * output[i]) / magnitude * sigmaData
            let data = keep * sample[i] - turn * prediction
            sample[i] = isLast ? data / sigmaData : keepNext * data + turnNext * (noise[i] * sigmaData)
        }
        index += 1
    }
}
