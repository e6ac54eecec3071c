import SanaEdge
import TestSupport
import Testing

/// Products of float rows with `w8` weights.
@Suite struct DigitLinearTests {
    /// The rounding of a value to 16 bits, relative to the greatest of its row.
    static let step = 0.5 / 32512

    struct Layer {
        let weight: Weight
        let wide: [Double]

        init(_ compute: Compute, _ samples: inout Samples, outputs: Int, inputs: Int) {
            let (values, scales) = samples.quantized(outputs, inputs)
            weight = compute.weight(rows: outputs, columns: inputs, w8: values, scales: scales)
            wide = values.array.enumerated().map { Double($1) * Double(scales[$0 / inputs]) }
        }

        /// The most by which each output may be off: half a step for each input, and float32's own rounding.
        func bounds(_ x: Matrix) -> [Double] {
            let (outputs, inputs) = (weight.rows, weight.columns)
            return (0..<x.rows).flatMap { row in
                let values = (0..<inputs).map { abs(Double(x[row, $0])) }
                let greatest = values.max() ?? 0
                return (0..<outputs).map { output in
                    zip(values, wide[output * inputs..<(output + 1) * inputs]).reduce(0) {
                        $0 + abs($1.1) * (greatest * DigitLinearTests.step * 1.001 + $1.0 * 1e-6)
                    }
                }
            }
        }
    }

    @Test(arguments: Tier.tested, LinearTests.shapes)
    func productIsTheFloatOneToSixteenBits(tier: Tier, shape: (rows: Int, outputs: Int, inputs: Int)) throws {
        var samples = Samples(shape.rows + shape.outputs)
        let compute = Compute(threads: 2, tier: tier)
        let x = samples.view(shape.rows, shape.inputs)
        let layer = Layer(compute, &samples, outputs: shape.outputs, inputs: shape.inputs)
        let bias = samples.floats(shape.outputs)
        let y = samples.view(shape.rows, shape.outputs)
        try compute.linear(x, layer.weight, bias: Buffer(bias), into: y, layer: "layer")
        let expected = product(x, layer.wide, outputs: shape.outputs, bias: bias)
        for (index, bound) in layer.bounds(x).enumerated() {
            #expect(abs(y.doubles[index] - expected[index]) <= bound + 1e-6, "\(index)")
            if abs(y.doubles[index] - expected[index]) > bound + 1e-6 { break }
        }
    }

    @Test func outlierLeavesTheOtherValuesTheirPrecision() throws {
        var samples = Samples(21)
        let compute = Compute(threads: 1, tier: .fastest)
        let (inputs, outputs) = (600, 40)
        let x = samples.matrix(3, inputs)
        for row in 0..<3 { x[row, 17 * row + 5] = 200 }
        // The outlier's own weights are zeros, so that the product is that of the small values alone.
        let (values, scales) = samples.quantized(outputs, inputs)
        for output in 0..<outputs {
            for row in 0..<3 { values[output * inputs + 17 * row + 5] = 0 }
        }
        let wide = values.array.enumerated().map { Double($1) * Double(scales[$0 / inputs]) }
        let expected = product(x, wide, outputs: outputs)
        func error(_ weight: Weight) throws -> Double {
            let y = Matrix(rows: 3, columns: outputs)
            try compute.linear(x, weight, bias: nil, into: y, layer: "layer")
            return distance(y.array, expected)
        }
        let w8 = try error(compute.weight(rows: outputs, columns: inputs, w8: values, scales: scales))
        let w8a8 = try error(compute.weight(rows: outputs, columns: inputs, w8a8: values, scales: scales))
        #expect(w8 < 0.005)
        #expect(w8a8 > 0.1)
    }

    @Test func gatedLinearIsItsThreeOperations() throws {
        var samples = Samples(22)
        let compute = Compute(threads: 2, tier: .fastest)
        for (rows, outputs, inputs) in [(1, 5, 3), (30, 130, 64), (211, 257, 33)] {
            let x = samples.view(rows, inputs)
            let gate = Layer(compute, &samples, outputs: outputs, inputs: inputs).weight
            let up = Layer(compute, &samples, outputs: outputs, inputs: inputs).weight
            let operand = try compute.operand(x, for: [gate, up], layer: "layer")
            let y = samples.view(rows, outputs)
            compute.gatedLinear(operand, gate: gate, up: up, .geluTanh, into: y)
            let (a, b) = (
                Matrix(rows: rows, columns: outputs), Matrix(rows: rows, columns: outputs)
            )
            compute.linear(operand, gate, bias: nil, into: a)
            compute.linear(operand, up, bias: nil, into: b)
            compute.multiply(a, .geluTanh, by: b)
            #expect(y.array == a.array)
        }
    }
}
