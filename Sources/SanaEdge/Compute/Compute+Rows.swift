extension Compute {
    /// Adds one row (columns) to every row of `y`.
    func addRow(_ row: Buffer<Float>, into y: Matrix) {
        parallel(y.rows) { index in
            for column in 0..<y.columns { y[index, column] += row[column] }
        }
    }
}
