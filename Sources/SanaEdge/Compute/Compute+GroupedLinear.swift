extension Compute {
    /// Rows in one call of OpenBLAS.
    private static let groupedRows = 256

    /// A 1x1 convolution in groups: output o reads the inputs of its group alone.
    ///
    /// - Parameters:
    ///   - x: (rows, inputs)
    ///   - weight: (outputs, inputs / groups)
    ///   - y: (rows, outputs), other memory than `x`
    public func groupedLinear(_ x: Matrix, weight: Buffer<Float>, groups: Int, into y: Matrix) {
        precondition(x.rows == y.rows && groups > 0 && x.columns % groups == 0 && y.columns % groups == 0)
        let (inputs, outputs) = (x.columns / groups, y.columns / groups)
        precondition(weight.count == y.columns * inputs)
        let slices = (x.rows + Compute.groupedRows - 1) / Compute.groupedRows
        parallel(slices * groups) { index in
            let group = index % groups
            let row = index / groups * Compute.groupedRows
            unsafe FloatProducts.multiplyTransposed(
                rows: min(Compute.groupedRows, x.rows - row), columns: outputs, depth: inputs,
                x.pointer(row: row) + group * inputs, x.stride, weight.base + group * outputs * inputs,
                inputs,
                y.pointer(row: row) + group * outputs, y.stride)
        }
    }
}
