import QuantKernels

extension Compute {
    /// A product with a `w8` weight. The sums of digits are exact integers, so that how it is cut shows in nothing.
    func multiply(_ x: DigitRows, _ panels: Panels, _ epilogue: Epilogue, into y: Matrix) {
        let kernels = unsafe kernels
        let parts = unsafe ProductParts(digits: x, panels, kernels: kernels)
        unsafe parallel(parts.count, scratch: parts.height * parts.width) { index, sums in
            let part = parts[index]
            var partEpilogue = unsafe epilogue.at(part.columns.lowerBound)
            unsafe multiply(x, panels, part, into: sums, parts.width)
            unsafe kernels.finish_f32(
                part.rows.count, part.columns.count, sums, parts.width, &partEpilogue,
                y.pointer(row: part.rows.lowerBound) + part.columns.lowerBound, y.stride)
        }
    }

    /// y = activation(x · gateᵀ) ⊙ (x · upᵀ), a gated linear unit without biases.
    ///
    /// - Parameters:
    ///   - x: (rows, in), made for both weights by `operand`.
    ///   - gate, up: (out, in)
    ///   - y: (rows, out)
    public func gatedLinear(
        _ x: Operand, gate: Weight, up: Weight, _ activation: Activation, into y: Matrix
    ) {
        guard let digits = x.digits, case .w8(let gate) = gate.values, case .w8(let up) = up.values else {
            linear(x, gate, bias: nil, into: y)
            let other = Matrix(rows: y.rows, columns: y.columns)
            linear(x, up, bias: nil, into: other)
            return multiply(y, activation, by: other)
        }
        precondition(
            x.columns == gate.depth && up.depth == gate.depth && y.rows == x.rows
                && y.columns == gate.outputs && up.outputs == gate.outputs)
        let kernels = unsafe kernels
        let parts = unsafe ProductParts(digits: digits, gate, kernels: kernels)
        unsafe parallel(parts.count, scratch: parts.height * parts.width) { index, others in
            let part = parts[index]
            let target = unsafe y.pointer(row: part.rows.lowerBound) + part.columns.lowerBound
            unsafe multiply(digits, gate, part, into: target, y.stride)
            unsafe multiply(digits, up, part, into: others, parts.width)
            unsafe kernels.activate_multiply_f32(
                part.rows.count, part.columns.count, activation.kernel, target, y.stride, others, parts.width)
        }
    }

    /// The part's sums, scaled: the high digits', then the low digits' on top.
    private func multiply(
        _ x: DigitRows, _ panels: Panels, _ part: ProductParts.Part, into y: UnsafeMutablePointer<Float>,
        _ stride: Int
    ) {
        for (digit, output) in [QK_OUTPUT_STORE, QK_OUTPUT_ADD].enumerated() {
            let row = digit * x.rows + part.rows.lowerBound
            unsafe multiplyPart(
                x.values.base + row * x.stride, x.stride, scales: x.scales.base + row, rows: part.rows.count,
                panels, columns: part.columns,
                qk_epilogue(output: output, activation: QK_ACTIVATION_NONE, bias: nil, gates: nil), into: y,
                stride: stride)
        }
    }
}
