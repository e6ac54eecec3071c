import QuantKernels

extension Compute {
    /// y = (x - mean) / √(variance + ε) [· weight] [+ bias] · (1 + scale) + shift, row by row.
    ///
    /// - Parameters:
    ///   - weight, bias, scale, shift: one for each column; left out where nil.
    ///   - y: may be `x`.
    public func layerNorm(
        _ x: Matrix, epsilon: Float, weight: Buffer<Float>?, bias: Buffer<Float>?, scale: Buffer<Float>?,
        shift: Buffer<Float>?, into y: Matrix
    ) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        precondition([weight, bias, scale, shift].allSatisfy { $0.map { $0.count == x.columns } ?? true })
        let kernels = unsafe kernels
        forEachBlock(rows: x.rows, of: x.columns) { rows in
            var norm = unsafe qk_layer_norm(
                epsilon: epsilon, weight: weight.pointer, bias: bias.pointer, scale: scale.pointer,
                shift: shift.pointer)
            unsafe kernels.layer_norm_f32(
                rows.count, x.columns, x.pointer(row: rows.lowerBound), x.stride, &norm,
                y.pointer(row: rows.lowerBound), y.stride)
        }
    }

    /// The same, as the operand of some layers: read once, and in memory as floats only where a layer wants them.
    ///
    /// - Parameter floats: as for `operand`
    func layerNormOperand(
        _ x: Matrix, epsilon: Float, weight: Buffer<Float>?, bias: Buffer<Float>?, scale: Buffer<Float>?,
        shift: Buffer<Float>?, for layers: [Linear], floats: @autoclosure () -> Matrix
    ) throws(ActivationError) -> Operand {
        let kernels = unsafe kernels
        return try unsafe operand(
            rows: x.rows, columns: x.columns, for: layers.map(\.weight), floats: floats(),
            layer: layers[0].name
        ) { rows, target, _ in
            var norm = unsafe qk_layer_norm(
                epsilon: epsilon, weight: weight.pointer, bias: bias.pointer, scale: scale.pointer,
                shift: shift.pointer)
            unsafe kernels.layer_norm_f32(
                rows.count, x.columns, x.pointer(row: rows.lowerBound), x.stride, &norm, target.base,
                target.stride)
        }
    }

    /// y = [residual +] x / √(mean(x²) + ε) · (unitOffset ? 1 + weight : weight) [+ bias], row by row.
    ///
    /// - Parameters:
    ///   - weight, bias: one for each column.
    ///   - y: may be `x` or `residual`.
    public func rmsNorm(
        _ x: Matrix, weight: Buffer<Float>, bias: Buffer<Float>?, epsilon: Float, unitOffset: Bool,
        residual: Matrix?, into y: Matrix
    ) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        precondition(weight.count == x.columns && bias.map { $0.count == x.columns } ?? true)
        precondition(residual.map { $0.rows == x.rows && $0.columns == x.columns } ?? true)
        let kernels = unsafe kernels
        forEachBlock(rows: x.rows, of: x.columns) { rows in
            var norm = unsafe qk_rms_norm(
                epsilon: epsilon, unit_offset: unitOffset, weight: weight.base, bias: bias.pointer)
            unsafe kernels.rms_norm_f32(
                rows.count, x.columns, x.pointer(row: rows.lowerBound), x.stride, &norm,
                residual.map { unsafe UnsafePointer($0.pointer(row: rows.lowerBound)) },
                residual?.stride ?? 0,
                y.pointer(row: rows.lowerBound), y.stride)
        }
    }
}

extension Optional where Wrapped == Buffer<Float> {
    var pointer: UnsafePointer<Float>? { unsafe map { unsafe UnsafePointer($0.base) } }
}
