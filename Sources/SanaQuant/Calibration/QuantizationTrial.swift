import SanaEdge
import SanaModel

/// A layer's weight and some rows of its input, on which ways to quantize it are tried: with the engine's own products,
/// against float32 ones.
struct QuantizationTrial {
    /// How a weight is quantized.
    struct Way {
        /// The input's channels are divided by them and the weight's columns multiplied with them; nil for none.
        var factors: [Float]?
        /// The mean squares of the input's channels, where scales that lose least are looked for.
        var moments: [Float]?
    }

    /// ‖y - y₀‖² / ‖y₀‖², y₀ the float32 product, over the even and over the odd rows.
    struct Noise {
        var even: Double
        var odd: Double

        var mean: Double { (even + odd) / 2 }

        static func + (left: Noise, right: Noise) -> Noise {
            Noise(even: left.even + right.even, odd: left.odd + right.odd)
        }
    }

    let weight: [Float]  // (outputs, inputs)
    let outputs: Int
    let inputs: Int
    private let scheme: Scheme
    private let rows: [Float]  // (count, inputs)
    private let product: [Float]  // (count, outputs)
    private let compute: Compute

    /// Nil where there are no rows, or nothing comes out of them.
    init?(weight: [Float], inputs: Int, scheme: Scheme, rows: [Float], on compute: Compute) throws {
        guard rows.count >= 2 * inputs else { return nil }
        (self.weight, self.inputs, self.scheme) = (weight, inputs, scheme)
        outputs = weight.count / inputs
        (self.rows, self.compute) = (rows, compute)
        product = try Self.multiply(
            rows, inputs, Weight(rows: outputs, columns: inputs, f32: Buffer(weight)), compute)
        let power = Self.power(product, columns: outputs)
        guard power.even > 0, power.odd > 0, power.mean.isFinite else { return nil }
    }

    /// What a way costs; infinite where numbers overflow.
    func noise(_ way: Way) -> Noise {
        var (weight, rows) = (weight, rows)
        var moments = way.moments
        if let factors = way.factors {
            scaleColumns(of: &weight, by: factors)
            scaleColumns(of: &rows, by: factors.map { 1 / $0 })
            moments = moments.map { zip($0, factors).map { $0 / ($1 * $1) } }
        }
        var (quantized, scales): ([Int8], [Float]) = ([], [])
        let isFinite = RowQuantizer.quantize(
            weight, rows: outputs, columns: inputs, into: &quantized, scales: &scales)
        if let moments, isFinite {
            scales = RowQuantizer.leastErrorScales(
                weight, rows: outputs, columns: inputs, importance: moments)
            quantized = RowQuantizer.quantize(weight, columns: inputs, scales: scales)
        }
        let (values, factors) = (Buffer(quantized), Buffer(scales))
        let int8 =
            scheme == .w8
            ? compute.weight(rows: outputs, columns: inputs, w8: values, scales: factors)
            : compute.weight(rows: outputs, columns: inputs, w8a8: values, scales: factors)
        guard isFinite, let y = try? Self.multiply(rows, inputs, int8, compute) else {
            return Noise(even: .infinity, odd: .infinity)
        }
        let (noise, signal) = (
            Self.power(zip(y, product).map { $0 - $1 }, columns: outputs),
            Self.power(product, columns: outputs)
        )
        return Noise(even: noise.even / signal.even, odd: noise.odd / signal.odd)
    }

    private static func multiply(
        _ rows: [Float], _ inputs: Int, _ weight: Weight, _ compute: Compute
    ) throws -> [Float] {
        let x = Matrix(rows: rows.count / inputs, columns: inputs, rows)
        let y = Matrix(rows: x.rows, columns: weight.rows)
        try compute.linear(x, weight, bias: nil, into: y, layer: "")
        return y.array
    }

    private static func power(_ values: [Float], columns: Int) -> Noise {
        var sums = [0.0, 0.0]
        for (row, start) in stride(from: 0, to: values.count, by: columns).enumerated() {
            sums[row % 2] += values[start..<start + columns].reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        return Noise(even: sums[0], odd: sums[1])
    }
}

/// Multiplies column j of each row with factor j.
func scaleColumns(of values: inout [Float], by factors: [Float]) {
    let columns = factors.count
    for row in stride(from: 0, to: values.count, by: columns) {
        for column in 0..<columns { values[row + column] *= factors[column] }
    }
}
