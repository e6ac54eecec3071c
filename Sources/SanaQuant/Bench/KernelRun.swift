import SanaEdge

/// A shape with random numbers, ready to be computed again and again.
struct KernelRun {
    /// Computes once.
    let work: () throws -> Void

    init(_ shape: KernelShape, on compute: Compute) throws {
        switch shape {
        case .gemm(let rows, let columns, let depth, let epilogue):
            let weight = compute.weight(
                rows: columns, columns: depth, w8a8: Self.weights(columns * depth),
                scales: Self.scales(columns, depth))
            let input = Matrix(rows: rows, columns: depth, RandomValues.values(rows * depth, seed: 1))
            let x = try compute.operand(input, for: [weight], layer: "bench")
            let y = Matrix(rows: rows, columns: columns)
            let bias = epilogue.hasBias ? Buffer(RandomValues.values(columns, seed: 2)) : nil
            let output = epilogue.output(columns)
            work = { compute.linear(x, weight, bias: bias, output, into: y) }
        case .convolution(let height, let width, let inputs, let outputs, let upsamples):
            let rows = outputs * (upsamples ? 4 : 1)
            let weight = compute.convolutionWeight(
                inputs: inputs, outputs: outputs, upsamples: upsamples,
                w8a8: Self.weights(rows * shape.depth), scales: Self.scales(rows, shape.depth))
            let x = Matrix(
                rows: height * width, columns: inputs, RandomValues.values(height * width * inputs, seed: 1))
            let bias = Buffer(RandomValues.values(outputs, seed: 2))
            if upsamples {
                let y = Matrix(rows: shape.rows, columns: outputs)
                work = {
                    try compute.convolution(
                        x, height: height, width: width, weight, bias: bias, into: y, layer: "bench")
                }
            } else {
                let image = try compute.quantized(x, height: height, width: width, layer: "bench")
                let y = compute.quantizedImage(height: height, width: width, channels: outputs)
                work = { try compute.convolution(image, weight, bias: bias, .silu, into: y, layer: "bench") }
            }
        }
    }

    /// -127 to 127.
    private static func weights(_ count: Int) -> Buffer<Int8> {
        Buffer(
            (0..<UInt64(count)).map { index in
                Int8(min(max(RandomValues.value(index) * 40, -127), 127))
            })
    }

    /// Such that sums of normal activations come near 1.
    private static func scales(_ count: Int, _ depth: Int) -> Buffer<Float> {
        Buffer([Float](repeating: 1 / (40 * Float(depth).squareRoot()), count: count))
    }
}

extension KernelShape.Epilogue {
    fileprivate var hasBias: Bool { self == .biasSiLU || self == .biasGateResidual }

    fileprivate func output(_ columns: Int) -> Compute.Output {
        switch self {
        case .scale: .store(.none)
        case .biasSiLU: .store(.silu)
        case .biasGateResidual, .gateResidual: .addGated(Buffer(RandomValues.values(columns, seed: 3)))
        }
    }
}
