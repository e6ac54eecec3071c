import SanaEdge

/// Numbers that are the same in every run (splitmix64).
struct Samples {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) &* 0x2545_F491_4F6C_DD1D }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// -limit ... limit
    mutating func floats(_ count: Int, _ limit: Float = 1) -> [Float] {
        (0..<count).map { _ in (Float(next() >> 40) / Float(1 << 23) - 1) * limit }
    }

    mutating func buffer(_ count: Int, _ limit: Float = 1) -> Buffer<Float> { Buffer(floats(count, limit)) }

    mutating func matrix(_ rows: Int, _ columns: Int, _ limit: Float = 1) -> Matrix {
        Matrix(rows: rows, columns: columns, floats(rows * columns, limit))
    }

    /// A view with columns to its left and right that belong to something else.
    mutating func view(_ rows: Int, _ columns: Int) -> Matrix {
        matrix(rows, columns + 5).columns(2..<columns + 2)
    }

    /// int8 values in [-127, 127] with one scale a row.
    mutating func quantized(_ rows: Int, _ columns: Int) -> (values: Buffer<Int8>, scales: Buffer<Float>) {
        let values = (0..<rows * columns).map { _ in Int8(Int(next() % 255) - 127) }
        return (Buffer(values), Buffer(floats(rows).map { abs($0) / 100 + 0.001 }))
    }
}

extension Tier {
    static var fastest: Tier { available[available.count - 1] }
}

/// The greatest difference, relative to the greatest expected magnitude.
func distance(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let size = expected.map(abs).max() ?? 0
    return zip(values, expected).map { abs(Double($0) - $1) }.reduce(0, max) / max(size, 1e-30)
}

extension Matrix {
    var doubles: [Double] { array.map { Double($0) } }
}

/// x · wᵀ + bias in double precision.
func product(_ x: Matrix, _ w: [Double], outputs: Int, bias: [Float]? = nil) -> [Double] {
    let (values, inputs) = (x.doubles, x.columns)
    return (0..<x.rows * outputs).map { index in
        let (row, output) = (index / outputs, index % outputs)
        let sum = (0..<inputs).reduce(0.0) { $0 + values[row * inputs + $1] * w[output * inputs + $1] }
        return sum + Double(bias?[output] ?? 0)
    }
}
