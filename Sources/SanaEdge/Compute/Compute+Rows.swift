import QuantKernels

extension Compute {
    /// Adds one row (columns) to every row of `y`.
    func addRow(_ row: Buffer<Float>, into y: Matrix) {
        precondition(row.count == y.columns)
        let kernels = unsafe kernels
        forEachBlock(rows: y.rows, of: y.columns) { rows in
            unsafe kernels.add_f32(
                rows.count, y.columns, row.base, 0, y.pointer(row: rows.lowerBound), y.stride)
        }
    }
}
