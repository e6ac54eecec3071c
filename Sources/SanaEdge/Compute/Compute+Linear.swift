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
            x.x.columns == weight.columns && y.rows == x.x.rows && y.columns == weight.rows,
            "(\(x.x.rows), \(x.x.columns)) · (\(weight.rows), \(weight.columns))ᵀ into (\(y.rows), \(y.columns))"
        )
        precondition(bias.map { $0.count == y.columns } ?? true)
        let epilogue = Epilogue(bias: bias, output: output, columns: y.columns)
        if let panels = weight.panels {
            guard let quantized = x.quantized else { preconditionFailure("an operand without its int8 rows") }
            multiply(quantized, panels, epilogue, into: y)
        } else {
            multiply(x.x, weight, epilogue, into: y)
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

    /// int8 product. Blocks of rows are small enough to stay in a core's cache while the panels pass by; how it is
    /// cut does not show in the result, which is exact up to the epilogue of each element.
    private func multiply(_ x: QuantizedRows, _ panels: Panels, _ epilogue: Epilogue, into y: Matrix) {
        let kernels = unsafe kernels
        let noOffset = Buffer([0])
        let height = Compute.blockHeight(bytesOfRow: x.stride, tile: unsafe kernels.tile_rows)
        let span = max(1, Compute.blockColumns / panels.width)
        let blocks = (y.rows + height - 1) / height
        let spans = (panels.count + span - 1) / span
        parallel(blocks * spans) { index in
            let row = index / spans * height
            let panel = index % spans * span
            let column = panel * panels.width
            let columns = min(span * panels.width, panels.outputs - column)
            var gemm = unsafe qk_gemm_s8s8(
                rows: min(height, y.rows - row), columns: columns, depth: panels.depth, taps: 1,
                tap_rows: noOffset.base,
                activations: x.values.base + row * x.stride, activations_stride: x.stride,
                scales: x.scales.base + row, panels: panels.bytes.base + panel * panels.panelBytes,
                column_scales: panels.scales.base + panels.firstScale + column, epilogue: epilogue.at(column),
                y: y.pointer(row: row) + column, y_stride: y.stride)
            unsafe kernels.gemm_s8s8_f32(&gemm)
        }
    }

    /// Output channels that one part of an int8 product computes.
    private static let blockColumns = 256
    /// Bytes of int8 rows that one part of an int8 product reads again and again, so many that they leave room in a
    /// core's cache for the panels that pass by, and the rows that this may come to: each panel is read once for so
    /// many rows.
    private static let blockBytes = 294_912
    private static let blockRows = 96...168

    static func blockHeight(bytesOfRow: Int, tile: Int) -> Int {
        let rows = min(max(blockBytes / max(bytesOfRow, 1), blockRows.lowerBound), blockRows.upperBound)
        return max(rows / tile, 1) * tile
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
