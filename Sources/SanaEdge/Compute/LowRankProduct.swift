/// A product of two thin matrices, for a converter: single-threaded, and the same bits on every CPU.
public enum LowRankProduct {
    /// values += scale · (up · down), each product of a row summed in float32 in the order of the rank.
    ///
    /// - Parameters:
    ///   - up: (rows, rank)
    ///   - down: (rank, columns)
    ///   - values: (rows, columns)
    public static func add(
        up: [Float], down: [Float], scale: Float, rows: Int, columns: Int, rank: Int, to values: inout [Float]
    ) {
        precondition(up.count == rows * rank && down.count == rank * columns)
        precondition(values.count == rows * columns)
        var sums = [Float](repeating: 0, count: columns)
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe down.withUnsafeBufferPointer { down in
                unsafe values.withUnsafeMutableBufferPointer { values in
                    for row in 0..<rows {
                        unsafe sums.update(repeating: 0)
                        for index in 0..<rank {
                            let factor = up[row * rank + index]
                            let line = unsafe UnsafeBufferPointer(
                                rebasing: down[index * columns..<(index + 1) * columns])
                            for column in 0..<columns {
                                unsafe sums[column] += factor * line[column]
                            }
                        }
                        for column in 0..<columns {
                            unsafe values[row * columns + column] += scale * sums[column]
                        }
                    }
                }
            }
        }
    }
}
