import SanaModel

/// A matrix [out, in] in the form that its scheme computes with: y = x · Wᵀ.
public final class Weight: Sendable {
    enum Values: Sendable {
        case f32(Buffer<Float>)
        case f16(Buffer<UInt16>)
        case bf16(Buffer<UInt16>)
        case w8(Buffer<Int8>, scales: Buffer<Float>)
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

    /// int8 values with one scale a row, and float activations.
    public convenience init(rows: Int, columns: Int, w8: Buffer<Int8>, scales: Buffer<Float>) {
        precondition(w8.count == rows * columns && scales.count == rows)
        self.init(rows: rows, columns: columns, values: .w8(w8, scales: scales))
    }

    /// Values as a pack stores them, little endian; `scales` for int8 ones, which become `w8`.
    convenience init(
        rows: Int, columns: Int, elementType: ElementType, bytes: [UInt8], scales: Buffer<Float>?
    ) {
        func values<Element>() -> Buffer<Element> {
            let buffer = Buffer<Element>(count: rows * columns)
            unsafe buffer.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
            return buffer
        }
        precondition(bytes.count == rows * columns * elementType.byteCount)
        switch elementType {
        case .f32: self.init(rows: rows, columns: columns, f32: values())
        case .f16: self.init(rows: rows, columns: columns, f16: values())
        case .bf16: self.init(rows: rows, columns: columns, bf16: values())
        case .i8:
            guard let scales else { preconditionFailure("int8 values without scales") }
            self.init(rows: rows, columns: columns, w8: values(), scales: scales)
        }
    }

    public var scheme: Scheme {
        switch values {
        case .f32: .f32
        case .f16, .bf16: .f16
        case .w8: .w8
        case .w8a8: .w8a8
        }
    }

    /// A copy of some rows, which are not w8a8: those lie in panels.
    func rows(_ range: Range<Int>) -> Weight {
        let elements = range.lowerBound * columns..<range.upperBound * columns
        let values: Values =
            switch values {
            case .f32(let values): .f32(values.copy(elements))
            case .f16(let values): .f16(values.copy(elements))
            case .bf16(let values): .bf16(values.copy(elements))
            case .w8(let values, let scales): .w8(values.copy(elements), scales: scales.copy(range))
            case .w8a8: preconditionFailure("rows of a weight in panels")
            }
        return Weight(rows: range.count, columns: columns, values: values)
    }

    var panels: Panels? {
        if case .w8a8(let panels) = values { panels } else { nil }
    }
}

extension Compute {
    /// An int8 weight for int8 activations, in this tier's layout: values in [-127, 127], one scale a row.
    public func weight(rows: Int, columns: Int, w8a8: Buffer<Int8>, scales: Buffer<Float>) -> Weight {
        precondition(w8a8.count == rows * columns && scales.count == rows)
        return weight(
            rows: rows, columns: columns, w8a8: w8a8, firstValue: 0, scales: scales, firstScale: 0)
    }

    /// The same, of values and scales that begin somewhere in their buffers.
    func weight(
        rows: Int, columns: Int, w8a8: Buffer<Int8>, firstValue: Int, scales: Buffer<Float>, firstScale: Int
    ) -> Weight {
        Weight(
            rows: rows, columns: columns,
            values: .w8a8(
                panels(
                    outputs: rows, taps: 1, depth: columns, values: w8a8, firstValue: firstValue,
                    scales: scales, firstScale: firstScale)))
    }
}
