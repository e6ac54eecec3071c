/// A view of float32 rows in a buffer: row-major, channels last. A picture of height x width pixels is a matrix
/// of height · width rows.
public struct Matrix: Sendable {
    public let rows: Int
    public let columns: Int
    /// Elements from one row to the next.
    public let stride: Int
    /// Elements before row 0.
    public let offset: Int
    public let buffer: Buffer<Float>

    /// A view that lies inside its buffer.
    public init(rows: Int, columns: Int, stride: Int, offset: Int, buffer: Buffer<Float>) {
        precondition(rows >= 0 && columns >= 0 && offset >= 0 && (stride >= columns || rows <= 1))
        if rows > 0 && columns > 0 {
            let (last, overflow) = (rows - 1).multipliedReportingOverflow(by: stride)
            precondition(!overflow && last <= buffer.count - offset - columns, "a matrix outside its buffer")
        }
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.offset = offset
        self.buffer = buffer
    }

    /// New memory, zeros.
    public init(rows: Int, columns: Int) {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        precondition(!overflow, "a matrix of \(rows) x \(columns) is too large")
        self.init(
            rows: rows, columns: columns, stride: columns, offset: 0, buffer: Buffer<Float>(count: count))
    }

    public init(rows: Int, columns: Int, _ values: [Float]) {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) x \(columns)")
        self.init(rows: rows, columns: columns, stride: columns, offset: 0, buffer: Buffer(values))
    }

    /// The matrix that lies in a whole buffer, row after row.
    public init(rows: Int, columns: Int, buffer: Buffer<Float>) {
        self.init(rows: rows, columns: columns, stride: columns, offset: 0, buffer: buffer)
    }

    /// Some rows, in the same memory.
    public func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        return Matrix(
            rows: range.count, columns: columns, stride: stride,
            offset: range.isEmpty ? offset : offset + range.lowerBound * stride, buffer: buffer)
    }

    /// Some columns, in the same memory.
    public func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
        return Matrix(
            rows: rows, columns: range.count, stride: stride,
            offset: range.isEmpty ? offset : offset + range.lowerBound, buffer: buffer)
    }

    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            return buffer[offset + row * stride + column]
        }
        nonmutating set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            buffer[offset + row * stride + column] = newValue
        }
    }

    /// A copy of the values, rows x columns.
    public var array: [Float] {
        if stride == columns {
            return unsafe Array(UnsafeBufferPointer(start: base, count: rows * columns))
        }
        var values: [Float] = []
        values.reserveCapacity(rows * columns)
        for row in 0..<rows {
            unsafe values.append(contentsOf: UnsafeBufferPointer(start: pointer(row: row), count: columns))
        }
        return values
    }

    /// Copies the values of a matrix of the same shape, in other memory.
    func copy(_ other: Matrix) {
        precondition(other.rows == rows && other.columns == columns)
        for row in 0..<rows {
            unsafe pointer(row: row).update(from: other.pointer(row: row), count: columns)
        }
    }

    /// Moves some rows to the front; the other rows hold any values then. The rows of the matrix follow each other.
    func moveToFront(_ range: Range<Int>) {
        precondition(stride == columns && range.lowerBound >= 0 && range.upperBound <= rows)
        unsafe base.update(from: base + range.lowerBound * columns, count: range.count * columns)
    }

    var base: UnsafeMutablePointer<Float> { unsafe buffer.base + offset }

    func pointer(row: Int) -> UnsafeMutablePointer<Float> { unsafe base + row * stride }
}
