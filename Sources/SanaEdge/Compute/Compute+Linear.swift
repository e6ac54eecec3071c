import QuantKernels

extension Compute {
    /// What becomes of r = x · Wᵀ + bias.
    public enum Output: Sendable {
        /// y = activation(r)
        case store(Activation)
        /// y += r
        case add
        /// y += gate ⊙ r, one gate a column
        case addGated(Buffer<Float>)
    }

    /// A linear layer: r = x · Wᵀ + bias, then `output`.
    ///
    /// - Parameters:
    ///   - x: (rows, in), made for this weight by `operand`.
    ///   - bias: (out)
    ///   - y: (rows, out)
    public func linear(
        _ x: Operand, _ weight: Weight, bias: Buffer<Float>?, _ output: Output = .store(.none), into y: Matrix
    ) {
        precondition(
            x.columns == weight.columns && y.rows == x.rows && y.columns == weight.rows,
            "(\(x.rows), \(x.columns)) · (\(weight.rows), \(weight.columns))ᵀ into (\(y.rows), \(y.columns))"
        )
        precondition(bias.map { $0.count == y.columns } ?? true)
        let epilogue = Epilogue(bias: bias, output: output, columns: y.columns)
        if let panels = weight.panels {
            guard let quantized = x.quantized else { preconditionFailure("an operand without its int8 rows") }
            multiply(quantized, panels, epilogue, into: y)
        } else if case .w8(let panels) = weight.values {
            guard let digits = x.digits else { preconditionFailure("an operand without its digits") }
            multiply(digits, panels, epilogue, into: y)
        } else {
            guard let floats = x.floats else { preconditionFailure("an operand without its floats") }
            multiply(floats, weight, epilogue, into: y)
        }
    }

    /// The same, for an operand that serves one layer only.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`.
    public func linear(
        _ x: Matrix, _ weight: Weight, bias: Buffer<Float>?, _ output: Output = .store(.none), into y: Matrix,
        layer: @autoclosure () -> String
    ) throws(ActivationError) {
        linear(try operand(x, for: [weight], layer: layer()), weight, bias: bias, output, into: y)
    }

    private func multiply(_ x: QuantizedRows, _ panels: Panels, _ epilogue: Epilogue, into y: Matrix) {
        let parts = unsafe ProductParts(x, rows: y.rows, panels, threads: threads, kernels: kernels)
        parallel(parts.count) { index in
            let part = parts[index]
            unsafe multiplyPart(
                x, rows: part.rows, panels, columns: part.columns, epilogue,
                into: y.pointer(row: part.rows.lowerBound) + part.columns.lowerBound, stride: y.stride)
        }
    }

    /// A part of an int8 product, on the calling thread.
    ///
    /// - Parameters:
    ///   - columns: begin at a panel's first.
    ///   - y: the part's first element, rows `stride` apart.
    func multiplyPart(
        _ x: QuantizedRows, rows: Range<Int>, _ panels: Panels, columns: Range<Int>, _ epilogue: Epilogue,
        into y: UnsafeMutablePointer<Float>, stride: Int
    ) {
        unsafe multiplyPart(
            x.values.base + rows.lowerBound * x.stride, x.stride, scales: x.scales.base + rows.lowerBound,
            rows: rows.count, panels, columns: columns, epilogue.at(columns.lowerBound), into: y,
            stride: stride)
    }

    /// The same, of int8 rows that lie anywhere.
    ///
    /// - Parameter x: the part's first row, rows `xStride` apart, with a scale each
    func multiplyPart(
        _ x: UnsafePointer<UInt8>, _ xStride: Int, scales: UnsafePointer<Float>, rows: Int, _ panels: Panels,
        columns: Range<Int>, _ epilogue: qk_epilogue, into y: UnsafeMutablePointer<Float>, stride: Int
    ) {
        precondition(columns.lowerBound.isMultiple(of: panels.width), "a part begins inside a panel")
        let kernels = unsafe kernels
        let panel = columns.lowerBound / panels.width
        unsafe withUnsafePointer(to: 0) { noOffset in
            var gemm = unsafe qk_gemm_s8s8(
                rows: rows, columns: columns.count, depth: panels.depth, taps: 1, tap_rows: noOffset,
                activations: x, activations_stride: xStride, scales: scales,
                panels: panels.bytes.base + panel * panels.panelBytes,
                column_scales: panels.scales.base + panels.firstScale + columns.lowerBound,
                epilogue: epilogue, y: y, y_stride: stride)
            unsafe kernels.gemm_s8s8_f32(&gemm)
        }
    }
}

/// What the kernels need to know about an output, for all columns.
@safe struct Epilogue: @unchecked Sendable {
    private let bias: Buffer<Float>?
    private let gates: Buffer<Float>?
    private let output: qk_output
    private let activation: qk_activation

    init(bias: Buffer<Float>?, output: Compute.Output, columns: Int) {
        precondition(bias.map { $0.count == columns } ?? true, "a bias of another length")
        self.bias = bias
        switch output {
        case .store(let activation):
            (self.output, self.activation, gates) = (QK_OUTPUT_STORE, activation.kernel, nil)
        case .add:
            (self.output, activation, gates) = (QK_OUTPUT_ADD, QK_ACTIVATION_NONE, nil)
        case .addGated(let gates):
            precondition(gates.count == columns, "gates of another number than \(columns)")
            (self.output, activation, self.gates) = (QK_OUTPUT_ADD_GATED, QK_ACTIVATION_NONE, gates)
        }
    }

    /// For the columns from `column` on.
    func at(_ column: Int) -> qk_epilogue {
        unsafe qk_epilogue(
            output: output, activation: activation, bias: bias.map { unsafe UnsafePointer($0.base + column) },
            gates: gates.map { unsafe UnsafePointer($0.base + column) })
    }
}
