import SanaEdge
import TestSupport
import Testing

/// Every operation on every tier and several numbers of threads: the same bits.
@Suite struct InvarianceTests {
    struct Operation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (Compute, inout Samples) throws -> Matrix

        init(_ name: String, _ run: @escaping @Sendable (Compute, inout Samples) throws -> Matrix) {
            testDescription = name
            self.run = run
        }
    }

    static let operations = [
        Operation("int8 linear") { compute, samples in
            let x = samples.view(530, 70)
            let (values, scales) = samples.quantized(600, 70)
            let y = Matrix(rows: 530, columns: 600)
            let weight = compute.weight(rows: 600, columns: 70, w8a8: values, scales: scales)
            try compute.linear(x, weight, bias: samples.buffer(600), .store(.geluTanh), into: y, layer: "")
            return y
        },
        Operation("w8 linear") { compute, samples in
            let x = samples.view(530, 70)
            let (values, scales) = samples.quantized(600, 70)
            let y = Matrix(rows: 530, columns: 600)
            let weight = compute.weight(rows: 600, columns: 70, w8: values, scales: scales)
            try compute.linear(x, weight, bias: samples.buffer(600), .store(.silu), into: y, layer: "")
            return y
        },
        Operation("gated w8 linear") { compute, samples in
            let x = samples.view(210, 70)
            let weights = (0..<2).map { _ in
                let (values, scales) = samples.quantized(300, 70)
                return compute.weight(rows: 300, columns: 70, w8: values, scales: scales)
            }
            let y = samples.view(210, 300)
            compute.gatedLinear(
                try compute.operand(x, for: weights, layer: ""), gate: weights[0], up: weights[1], .geluTanh,
                into: y)
            return y
        },
        Operation("int8 convolution") { compute, samples in
            let x = samples.view(20 * 30, 24)
            let (values, scales) = samples.quantized(70, 9 * 24)
            let y = Matrix(rows: 20 * 30, columns: 70)
            let weight = compute.convolutionWeight(
                inputs: 24, outputs: 70, upsamples: false, w8a8: values, scales: scales)
            try compute.convolution(
                x, height: 20, width: 30, weight, bias: samples.buffer(70), .store(.silu), into: y, layer: "")
            return y
        },
        Operation("float convolution") { compute, samples in
            let x = samples.view(40 * 30, 24)
            let y = Matrix(rows: 40 * 30, columns: 300)
            let weight = ConvolutionWeight(
                inputs: 24, outputs: 300, upsamples: false, f32: samples.buffer(300 * 9 * 24))
            try compute.convolution(x, height: 40, width: 30, weight, bias: nil, into: y, layer: "")
            return y
        },
        Operation("norms") { compute, samples in
            let x = samples.view(100, 70)
            let y = Matrix(rows: 100, columns: 70)
            compute.layerNorm(
                x, epsilon: 1e-6, weight: nil, bias: nil, scale: samples.buffer(70),
                shift: samples.buffer(70),
                into: y)
            compute.rmsNorm(
                y, weight: samples.buffer(70), bias: nil, epsilon: 1e-5, unitOffset: true, residual: x,
                into: y)
            return y
        },
        Operation("linear attention") { compute, samples in
            let (q, k, v) = (samples.view(700, 96), samples.view(700, 96), samples.view(700, 96))
            let y = Matrix(rows: 700, columns: 96)
            compute.linearAttention(
                q: q, k: k, v: v, heads: 3, headDimension: 32, headStride: 32, epsilon: 1e-15, into: y)
            return y
        },
        Operation("attention") { compute, samples in
            let (q, k, v) = (samples.view(200, 96), samples.view(200, 48), samples.view(200, 48))
            let y = Matrix(rows: 200, columns: 96)
            compute.attention(
                q: q, k: k, v: v, heads: 4, keyValueHeads: 2, headDimension: 24, scale: 0.3, softcap: 50,
                causal: true, window: 100, into: y)
            compute.rotate(y, heads: 4, headDimension: 24, theta: 10000, firstPosition: 3)
            return y
        },
        Operation("depthwise") { compute, samples in
            let x = samples.view(40 * 21, 300)
            let (y, z) = (Matrix(rows: 40 * 21, columns: 150), Matrix(rows: 40 * 21, columns: 150))
            compute.gatedDepthwise(
                x, height: 40, width: 21, weight: samples.buffer(9 * 300), bias: samples.buffer(300), into: y)
            compute.depthwise(
                y, height: 40, width: 21, kernel: 5, weight: samples.buffer(25 * 150), bias: nil, into: z)
            return z
        },
        Operation("elementwise") { compute, samples in
            let (x, other) = (samples.view(300, 333), samples.view(300, 333))
            compute.multiply(x, .gelu, by: other)
            compute.add(other, into: x)
            compute.apply(.silu, x)
            return x
        },
        Operation("grouped linear") { compute, samples in
            let y = Matrix(rows: 600, columns: 96)
            compute.groupedLinear(samples.view(600, 96), weight: samples.buffer(96 * 32), groups: 3, into: y)
            return y
        },
    ]

    @Test(arguments: operations)
    func everyTierAndNumberOfThreadsGivesTheSameBits(operation: Operation) throws {
        func bits(_ tier: Tier, _ threads: Int) throws -> [UInt32] {
            var samples = Samples(11)
            return try operation.run(Compute(threads: threads, tier: tier), &samples).array.map(\.bitPattern)
        }
        let reference = try bits(Tier.available[0], 1)
        for tier in Tier.tested {
            for threads in [1, 2, 3, 7] {
                let isSame = try bits(tier, threads) == reference
                #expect(isSame, "\(tier.name), \(threads) threads")
            }
        }
    }
}
