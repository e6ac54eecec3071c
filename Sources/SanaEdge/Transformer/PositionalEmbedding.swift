#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The two-dimensional sinusoidal embedding of the 2K and 4K models, computed for any grid.
///
/// The grid is stretched so that every picture spans the coordinates of the training size. The first half of the
/// channels holds sines, then cosines, of the column; the second half those of the row.
enum PositionalEmbedding {
    /// An embedding (rows · columns, width).
    static func grid(rows: Int, columns: Int, width: Int, baseSize: Int, scale: Double) -> Matrix {
        func coordinates(_ count: Int) -> [Float] {
            (0..<count).map { Float($0) / Float(Double(count) / Double(baseSize)) / Float(scale) }
        }
        let acrossColumns = coordinates(columns).map { features($0, count: width / 2) }
        let downRows = coordinates(rows).map { features($0, count: width / 2) }
        var values: [Float] = []
        values.reserveCapacity(rows * columns * width)
        for row in 0..<rows {
            for column in 0..<columns {
                values += acrossColumns[column]
                values += downRows[row]
            }
        }
        return Matrix(rows: rows * columns, columns: width, values)
    }

    private static func features(_ position: Float, count: Int) -> [Float] {
        let half = count / 2
        let angles = (0..<half).map { Double(position) / pow(10_000, Double($0) / Double(half)) }
        return angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
    }
}
