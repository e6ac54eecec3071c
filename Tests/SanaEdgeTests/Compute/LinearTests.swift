import SanaEdge
import TestSupport
import Testing

@Suite struct LinearTests {
    static let shapes = [
        (1, 1, 1), (1, 300, 7), (2, 17, 64), (7, 65, 33), (255, 31, 40), (256, 256, 20), (257, 257, 65),
        (600, 5, 9),
    ]

    static func expected(_ x: Matrix, _ w: [Float], _ outputs: Int, _ bias: [Float]) -> [Double] {
        product(x, w.map { Double($0) }, outputs: outputs, bias: bias)
    }

    @Test(arguments: shapes)
    func floatWeightsOfEveryTypeGiveTheProduct(rows: Int, outputs: Int, inputs: Int) throws {
        var samples = Samples(rows + outputs)
        let compute = Compute(threads: 2, tier: .fastest)
        let x = samples.view(rows, inputs)
        let bias = samples.floats(outputs)
        let values = samples.floats(outputs * inputs)
        let halves = RowQuantizer.narrowToF16(values)
        let brains = values.map { UInt16($0.bitPattern >> 16) }
        let weights: [(Weight, [Float])] = [
            (Weight(rows: outputs, columns: inputs, f32: Buffer(values)), values),
            (Weight(rows: outputs, columns: inputs, f16: Buffer(halves)), wide(halves, .f16)),
            (Weight(rows: outputs, columns: inputs, bf16: Buffer(brains)), wide(brains, .bf16)),
        ]
        for (weight, wide) in weights {
            let y = samples.view(rows, outputs)
            try compute.linear(x, weight, bias: Buffer(bias), into: y, layer: "layer")
            #expect(distance(y.array, Self.expected(x, wide, outputs, bias)) < 1e-5)
        }
    }

    private func wide(_ values: [UInt16], _ type: ElementTypeName) -> [Float] {
        let bytes = values.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        return RowQuantizer.widen(bytes, as: type == .f16 ? .f16 : .bf16)
    }

    enum ElementTypeName { case f16, bf16 }

    @Test(arguments: shapes)
    func int8ProductIsExactUpToItsEpilogue(rows: Int, outputs: Int, inputs: Int) throws {
        var samples = Samples(rows + outputs)
        let x = samples.view(rows, inputs)
        let bias = samples.floats(outputs)
        let (values, scales) = samples.quantized(outputs, inputs)
        var (q, rowScales): ([Int8], [Float]) = ([], [])
        #expect(
            RowQuantizer.quantize(x.array, rows: rows, columns: inputs, into: &q, scales: &rowScales))
        let (w, s) = (values.array, scales.array)
        let expected = (0..<rows * outputs).map { index in
            let (row, output) = (index / outputs, index % outputs)
            let sum = (0..<inputs).reduce(Int32(0)) {
                $0 + Int32(q[row * inputs + $1]) * Int32(w[output * inputs + $1])
            }
            return bias[output].addingProduct(Float(sum) * rowScales[row], s[output])
        }
        for tier in Tier.tested {
            let compute = Compute(threads: 2, tier: tier)
            let weight = compute.weight(rows: outputs, columns: inputs, w8a8: values, scales: scales)
            let y = samples.view(rows, outputs)
            try compute.linear(x, weight, bias: Buffer(bias), into: y, layer: "layer")
            let isSame = y.array.map(\.bitPattern) == expected.map(\.bitPattern)
            #expect(isSame, "\(tier.name)")
        }
    }

    @Test func outputsStoreActivatedAddAndAddGated() throws {
        var samples = Samples(3)
        let compute = Compute(threads: 1, tier: .fastest)
        let (x, initial) = (samples.matrix(9, 12), samples.matrix(9, 20))
        let (bias, gates) = (samples.buffer(20), samples.buffer(20))
        let (values, scales) = samples.quantized(20, 12)
        let weights = [
            compute.weight(rows: 20, columns: 12, w8a8: values, scales: scales),
            compute.weight(rows: 20, columns: 12, w8: values, scales: scales),
        ]
        for weight in weights {
            let plain = Matrix(rows: 9, columns: 20)
            try compute.linear(x, weight, bias: bias, into: plain, layer: "layer")
            let r = plain.array
            let outputs: [(Compute.Output, (Int) -> Float)] = [
                (.store(.relu), { max(r[$0], 0) }),
                (.add, { initial.array[$0] + r[$0] }),
                (.addGated(gates), { initial.array[$0].addingProduct(r[$0], gates[$0 % 20]) }),
            ]
            for (output, expected) in outputs {
                let y = Matrix(rows: 9, columns: 20, initial.array)
                try compute.linear(x, weight, bias: bias, output, into: y, layer: "layer")
                #expect(y.array == r.indices.map(expected))
            }
        }
    }

    @Test func oneOperandServesLayersOfEveryScheme() throws {
        var samples = Samples(4)
        let compute = Compute(threads: 1, tier: .fastest)
        let x = samples.matrix(5, 16)
        let (values, scales) = samples.quantized(8, 16)
        let int8 = compute.weight(rows: 8, columns: 16, w8a8: values, scales: scales)
        let float = compute.weight(rows: 8, columns: 16, w8: values, scales: scales)
        let operand = try compute.operand(x, for: [float, int8], layer: "layer")
        let (a, b) = (Matrix(rows: 5, columns: 8), Matrix(rows: 5, columns: 8))
        compute.linear(operand, int8, bias: nil, into: a)
        compute.linear(operand, float, bias: nil, into: b)
        #expect(distance(a.array, b.doubles) < 0.02)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func activationThatIsNotFiniteNamesItsLayer(value: Float) throws {
        var samples = Samples(5)
        let compute = Compute(threads: 2, tier: .fastest)
        let x = samples.matrix(300, 40)
        x[257, 39] = value
        let (values, scales) = samples.quantized(8, 40)
        for weight in [
            compute.weight(rows: 8, columns: 40, w8a8: values, scales: scales),
            compute.weight(rows: 8, columns: 40, w8: values, scales: scales),
        ] {
            let error = #expect(throws: ActivationError.self) {
                try compute.operand(x, for: [weight], layer: "transformer.proj_out")
            }
            #expect(error?.exitCode == .internalFailure)
            #expect(error?.description.contains("\"transformer.proj_out\"") == true)
        }
        #expect(throws: ActivationError.self) { try compute.checkFinite(x, layer: "here") }
        x[257, 39] = 0
        try compute.checkFinite(x, layer: "here")
    }

    @Test func gatherScalesTheRowsOfATable() {
        var samples = Samples(6)
        let compute = Compute(threads: 2, tier: .fastest)
        let values = samples.floats(10 * 19)
        let (int8, scales) = samples.quantized(10, 19)
        let rows: [Int32] = [3, 0, 9, 3]
        let y = Matrix(rows: 4, columns: 19)
        compute.gather(
            Table(Weight(rows: 10, columns: 19, f32: Buffer(values))), rows: rows, scale: 48, into: y)
        #expect(y.array == rows.flatMap { row in (0..<19).map { values[Int(row) * 19 + $0] * 48 } })
        compute.gather(
            Table(rows: 10, columns: 19, int8: int8, scales: scales), rows: rows, scale: 2, into: y)
        #expect(
            y.array
                == rows.flatMap { row in
                    (0..<19).map { Float(int8[Int(row) * 19 + $0]) * scales[Int(row)] * 2 }
                })
    }

    @Test func groupedLinearStaysInsideItsGroups() {
        var samples = Samples(7)
        let compute = Compute(threads: 2, tier: .fastest)
        for (rows, groups, inputs, outputs) in [(1, 1, 1, 1), (257, 6, 8, 8), (40, 3, 32, 16)] {
            let x = samples.view(rows, groups * inputs)
            let weight = samples.floats(groups * outputs * inputs)
            let y = samples.view(rows, groups * outputs)
            compute.groupedLinear(x, weight: Buffer(weight), groups: groups, into: y)
            var expected = [Double](repeating: 0, count: rows * groups * outputs)
            for group in 0..<groups {
                let part = weight[group * outputs * inputs..<(group + 1) * outputs * inputs].map {
                    Double($0)
                }
                let columns = x.columns(group * inputs..<(group + 1) * inputs)
                for (index, value) in product(columns, part, outputs: outputs).enumerated() {
                    expected[index / outputs * groups * outputs + group * outputs + index % outputs] = value
                }
            }
            #expect(distance(y.array, expected) < 1e-5)
        }
    }
}
