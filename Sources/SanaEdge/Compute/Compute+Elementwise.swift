import QuantKernels

extension Compute {
    /// x = activation(x)
    public func apply(_ activation: Activation, _ x: Matrix) {
        guard activation != .none else { return }
        let kernels = unsafe kernels
        forEachBlock(rows: x.rows, of: x.columns) { rows in
            unsafe kernels.activate_f32(
                rows.count, x.columns, activation.kernel, x.pointer(row: rows.lowerBound), x.stride)
        }
    }

    /// x = activation(x) ⊙ other
    public func multiply(_ x: Matrix, _ activation: Activation, by other: Matrix) {
        precondition(x.rows == other.rows && x.columns == other.columns)
        let kernels = unsafe kernels
        forEachBlock(rows: x.rows, of: x.columns) { rows in
            unsafe kernels.activate_multiply_f32(
                rows.count, x.columns, activation.kernel, x.pointer(row: rows.lowerBound), x.stride,
                other.pointer(row: rows.lowerBound), other.stride)
        }
    }

    /// y += x
    public func add(_ x: Matrix, into y: Matrix) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        let kernels = unsafe kernels
        forEachBlock(rows: x.rows, of: x.columns) { rows in
            unsafe kernels.add_f32(
                rows.count, x.columns, x.pointer(row: rows.lowerBound), x.stride,
                y.pointer(row: rows.lowerBound), y.stride)
        }
    }
}
