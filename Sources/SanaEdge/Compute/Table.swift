import QuantKernels
import SanaModel

/// Rows that are looked up by number and never multiplied: (rows, columns), as a pack stores them.
public struct Table: Sendable {
    private enum Values {
        case float(Weight)
        case int8(Buffer<Int8>, scales: Buffer<Float>)
    }

    public let rows: Int
    public let columns: Int
    private let values: Values

    public init(_ values: Weight) {
        (rows, columns) = (values.rows, values.columns)
        self.values = .float(values)
    }

    /// int8 values with one scale a row.
    public init(rows: Int, columns: Int, int8: Buffer<Int8>, scales: Buffer<Float>) {
        precondition(int8.count == rows * columns && scales.count == rows)
        (self.rows, self.columns) = (rows, columns)
        values = .int8(int8, scales: scales)
    }

    /// Values as a pack stores them, little endian; `scales` for int8 ones.
    init(rows: Int, columns: Int, elementType: ElementType, bytes: [UInt8], scales: Buffer<Float>?) {
        func values<Element>() -> Buffer<Element> {
            let buffer = Buffer<Element>(count: rows * columns)
            unsafe buffer.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
            return buffer
        }
        precondition(bytes.count == rows * columns * elementType.byteCount)
        switch elementType {
        case .f32: self.init(Weight(rows: rows, columns: columns, f32: values()))
        case .f16: self.init(Weight(rows: rows, columns: columns, f16: values()))
        case .bf16: self.init(Weight(rows: rows, columns: columns, bf16: values()))
        case .i8:
            guard let scales else { preconditionFailure("int8 values without scales") }
            self.init(rows: rows, columns: columns, int8: values(), scales: scales)
        }
    }

    /// float32 values of a row, in `memory` unless the table holds them as they are.
    func wide(row: Int, in memory: UnsafeMutablePointer<Float>, _ kernels: qk_tier) -> UnsafePointer<Float> {
        switch values {
        case .float(let weight): return unsafe weight.wide(rows: row..<row + 1, in: memory, kernels)
        case .int8(let values, let scales):
            unsafe kernels.widen_s8_f32(columns, values.base + row * columns, scales[row], memory)
            return unsafe UnsafePointer(memory)
        }
    }
}

extension Compute {
    /// y[i] = scale · row rows[i] of the table.
    ///
    /// - Parameters:
    ///   - rows: row numbers of the table, valid ones.
    ///   - y: (rows.count, table.columns)
    public func gather(_ table: Table, rows: [Int32], scale: Float, into y: Matrix) {
        precondition(y.rows == rows.count && y.columns == table.columns)
        precondition(rows.allSatisfy { $0 >= 0 && Int($0) < table.rows }, "a row outside the table")
        let kernels = unsafe kernels
        unsafe parallel(rows.count, scratch: table.columns) { index, memory in
            let wide = unsafe table.wide(row: Int(rows[index]), in: memory, kernels)
            let target = unsafe y.pointer(row: index)
            for column in 0..<y.columns { unsafe target[column] = wide[column] * scale }
        }
    }
}
