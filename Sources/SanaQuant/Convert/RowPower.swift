/// Powers of one row: of its values, and of what storing them changed.
struct RowPower: Sendable, Equatable {
    /// Sum of the squares of the checkpoint's values.
    let signal: Double
    /// Sum of the squares of the differences between the checkpoint's and the stored values.
    let noise: Double
}

/// The powers of each row of `values`, (rows, columns), stored as `stored`.
func rowPowers(_ values: [Float], stored: [Float], columns: Int) -> [RowPower] {
    stride(from: 0, to: values.count, by: columns).map { row in
        var signal = SIMD4<Double>()
        var noise = SIMD4<Double>()
        var index = row
        while index + 4 <= row + columns {
            let value = SIMD4<Double>(
                Double(values[index]), Double(values[index + 1]), Double(values[index + 2]),
                Double(values[index + 3]))
            let other = SIMD4<Double>(
                Double(stored[index]), Double(stored[index + 1]), Double(stored[index + 2]),
                Double(stored[index + 3]))
            signal += value * value
            noise += (value - other) * (value - other)
            index += 4
        }
        for index in index..<row + columns {
            let (value, other) = (Double(values[index]), Double(stored[index]))
            signal[0] += value * value
            noise[0] += (value - other) * (value - other)
        }
        return RowPower(signal: signal.sum(), noise: noise.sum())
    }
}
