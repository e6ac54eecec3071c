import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Flow-DPM-Solver: DPM-Solver++ (arXiv 2211.01095 §4) on the flow-matching schedule of Sana (arXiv 2410.10629 §3.3),
/// step by step as diffusers' `DPMSolverMultistepScheduler` computes it.
///
/// With alpha = 1 - sigma and lambda = ln(alpha) - ln(sigma), a step goes from sigma_s to sigma_t with
/// h = lambda_t - lambda_s on the data prediction x0 = x - sigma v. All of it is float32.
package struct FlowSolver {
    /// Noise levels, descending; `steps + 1` of them.
    package let sigmas: [Float]
    /// What the model is told: truncated to whole steps of training.
    package let timesteps: [Int]

    private let config: FlowSolverConfig
    private var predictions: [[Float]] = []  // the newest last, at most `order`
    private var index = 0

    var steps: Int { timesteps.count }

    package init(_ config: FlowSolverConfig, steps: Int) {
        self.config = config
        let train = Double(config.trainTimesteps)
        // As numpy's linspace rounds: whether a level falls on a whole step of training hangs on the last bit.
        let spacing = (1 / train - 1) / Double(steps)
        let levels = (1...steps).reversed().map { step in
            let sigma = 1 - (step == steps ? 1 / train : Double(step) * spacing + 1)
            return config.flowShift * sigma / (1 + (config.flowShift - 1) * sigma)
        }
        timesteps = levels.map { Int($0 * train) }
        sigmas = levels.map { Float($0) } + [Float(config.finalSigma)]
    }

    /// Moves `sample` one step along the model's `velocity`, both of the latents' size.
    package mutating func step(velocity: [Float], sample: inout [Float]) {
        let sigma = sigmas[index]
        let prediction = zip(sample, velocity).map { $0 - sigma * $1 }
        predictions.append(prediction)
        if predictions.count > config.order { predictions.removeFirst() }

        let isLast = index == steps - 1
        let isShort = config.lowerOrderFinal && steps < 15
        var order = min(config.order, predictions.count)
        if isLast && (config.eulerAtFinal || isShort || config.finalSigma == 0) {
            order = 1
        } else if index == steps - 2 && isShort {
            order = min(order, 2)
        }
        switch order {
        case 1: firstOrder(&sample)
        case 2: secondOrder(&sample)
        default: thirdOrder(&sample)
        }
        index += 1
    }

    private func alpha(_ i: Int) -> Float { 1 - sigmas[i] }

    private func lambda(_ i: Int) -> Float { log(alpha(i)) - log(sigmas[i]) }

    /// `x ← (σt/σs) x - αt (e^-h - 1) x0`.
    private func firstOrder(_ x: inout [Float]) {
        let h = lambda(index + 1) - lambda(index)
        let keep = sigmas[index + 1] / sigmas[index]
        let move = alpha(index + 1) * (exp(-h) - 1)
        let x0 = predictions[predictions.count - 1]
        for i in x.indices { x[i] = keep * x[i] - move * x0[i] }
    }

    /// Two data predictions; `D1 = (m0 - m1) / r0`.
    private func secondOrder(_ x: inout [Float]) {
        let h = lambda(index + 1) - lambda(index)
        let r0 = (lambda(index) - lambda(index - 1)) / h
        let keep = sigmas[index + 1] / sigmas[index]
        let move = alpha(index + 1) * (exp(-h) - 1)
        let bend =
            switch config.solverType {
            case .midpoint: 0.5 * move
            case .heun: -(alpha(index + 1) * ((exp(-h) - 1) / h + 1))
            }
        let m0 = predictions[predictions.count - 1]
        let m1 = predictions[predictions.count - 2]
        for i in x.indices {
            let d1 = (1 / r0) * (m0[i] - m1[i])
            x[i] = keep * x[i] - move * m0[i] - bend * d1
        }
    }

    /// Three data predictions, first and second differences.
    private func thirdOrder(_ x: inout [Float]) {
        let h = lambda(index + 1) - lambda(index)
        let r0 = (lambda(index) - lambda(index - 1)) / h
        let r1 = (lambda(index - 1) - lambda(index - 2)) / h
        let keep = sigmas[index + 1] / sigmas[index]
        let target = alpha(index + 1)
        let shrink = exp(-h) - 1
        let move = target * shrink
        let bend = target * (shrink / h + 1)
        let twist = target * ((shrink + h) / (h * h) - 0.5)
        let m0 = predictions[predictions.count - 1]
        let m1 = predictions[predictions.count - 2]
        let m2 = predictions[predictions.count - 3]
        for i in x.indices {
            let d10 = (1 / r0) * (m0[i] - m1[i])
            let d11 = (1 / r1) * (m1[i] - m2[i])
            let d1 = d10 + (r0 / (r0 + r1)) * (d10 - d11)
            let d2 = (1 / (r0 + r1)) * (d10 - d11)
            x[i] = keep * x[i] - move * m0[i] + bend * d1 - twist * d2
        }
    }
}
