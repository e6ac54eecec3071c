import SanaModel

/// A matrix [out, in] in the form that its scheme computes with: y = x · Wᵀ.
public final class Weight: Sendable {
    enum Values: Sendable {
        case f32(Buffer<Float>)
        case f16(Buffer<UInt16>)
        case bf16(Buffer<UInt16>)
        case w8(Panels)
        case w8a8(Panels)
    }

    /// Outputs.
    public let rows: Int
    /// Inputs.
    public let columns: Int
    let values: Values

    init(rows: Int, columns: Int, values: Values) {
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    public convenience init(rows: Int, columns: Int, f32: Buffer<Float>) {
        precondition(f32.count == rows * columns)
        self.init(rows: rows, columns: columns, values: .f32(f32))
    }

    public convenience init(rows: Int, columns: Int, f16: Buffer<UInt16>) {
        precondition(f16.count == rows * columns)
        self.init(rows: rows, columns: columns, values: .f16(f16))
    }

    public convenience init(rows: Int, columns: Int, bf16: Buffer<UInt16>) {
        precondition(bf16.count == rows * columns)
        self.init(rows: rows, columns: columns, values: .bf16(bf16))
    }

    public var scheme: Scheme {
        switch values {
        case .f32: .f32
        case .f16, .bf16: .f16
        case .w8: .w8
        case .w8a8: .w8a8
        }
    }

    var panels: Panels? {
        if case .w8a8(let panels) = values { panels } else { nil }
    }
}

extension Compute {
    /// An int8 weight for int8 activations, in this tier's layout: values in [-127, 127], one scale a row.
    public func weight(rows: Int, columns: Int, w8a8: Buffer<Int8>, scales: Buffer<Float>) -> Weight {
        precondition(w8a8.count == rows * columns && scales.count == rows)
        return Weight(
            rows: rows, columns: columns,
            values: .w8a8(panels(outputs: rows, taps: 1, depth: columns, values: w8a8, scales: scales)))
    }

    /// An int8 weight for 16-bit activations, in this tier's layout: values in [-127, 127], one scale a row.
    public func weight(rows: Int, columns: Int, w8: Buffer<Int8>, scales: Buffer<Float>) -> Weight {
        precondition(w8.count == rows * columns && scales.count == rows)
        return Weight(
            rows: rows, columns: columns,
            values: .w8(panels(outputs: rows, taps: 1, depth: columns, values: w8, scales: scales)))
    }
}
