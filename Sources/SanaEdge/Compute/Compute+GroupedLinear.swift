extension Compute {
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
        let slices = (x.rows + Compute.sliceRows - 1) / Compute.sliceRows
        parallel(slices * groups) { index in
            let group = index % groups
            let row = index / groups * Compute.sliceRows
            unsafe FloatProducts.multiplyTransposed(
                rows: min(Compute.sliceRows, x.rows - row), columns: outputs, depth: inputs,
                x.pointer(row: row) + group * inputs, x.stride, weight.base + group * outputs * inputs,
                inputs,
                y.pointer(row: row) + group * outputs, y.stride)
        }
    }
}
