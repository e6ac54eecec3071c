import QuantKernels

/// The left operand of a product: rows of floats and, where a weight wants them, the same rows in int8.
public struct Operand: Sendable {
    public let x: Matrix
    let quantized: QuantizedRows?
}

/// Rows in the tier's int8 form, with one scale each (qk_quantize.h).
final class QuantizedRows: Sendable {
    /// Bytes from one row to the next.
    let stride: Int
    let values: Buffer<UInt8>
    let scales: Buffer<Float>
    private let recycler: Recycler

    init(rows: Int, columns: Int, group: Int, recycler: Recycler) {
        stride = QuantizedRows.stride(columns: columns, group: group)
        values = recycler.take(count: rows * stride)
        scales = Buffer(count: rows)
        self.recycler = recycler
    }

    deinit {
        recycler.give(values)
    }

    /// Whole groups of depths, which is what the kernels read.
    static func stride(columns: Int, group: Int) -> Int { (columns + group - 1) / group * group }
}

extension Compute {
    /// Makes `x` ready for products with these weights; where one of them is w8a8, quantizes its rows, once.
    ///
    /// - Parameter layer: the layer's checkpoint name, for the error.
    /// - Throws: `ActivationError.notFinite` where rows that are quantized hold NaN or infinity.
    public func operand(
        _ x: Matrix, for weights: [Weight], layer: @autoclosure () -> String
    ) throws(ActivationError) -> Operand {
        guard weights.contains(where: { $0.scheme == .w8a8 }) else { return Operand(x: x, quantized: nil) }
        let rows = QuantizedRows(
            rows: x.rows, columns: x.columns, group: unsafe kernels.depth_group, recycler: recycler)
        guard quantize(x, into: rows) else { throw .notFinite(layer: layer()) }
        return Operand(x: x, quantized: rows)
    }

    /// False where a value is not finite.
    private func quantize(_ x: Matrix, into quantized: QuantizedRows) -> Bool {
        let kernels = unsafe kernels
        return allOf(rows: x.rows, of: x.columns) { rows in
            unsafe kernels.quantize_f32_s8(
                rows.count, x.columns, x.pointer(row: rows.lowerBound), x.stride, kernels.activation_offset,
                quantized.values.base + rows.lowerBound * quantized.stride, quantized.stride,
                quantized.scales.base + rows.lowerBound)
        }
    }

    /// Stops a run whose numbers are no longer finite.
    public func checkFinite(_ x: Matrix, layer: @autoclosure () -> String) throws(ActivationError) {
        let kernels = unsafe kernels
        let finite = allOf(rows: x.rows, of: x.columns) { rows in
            unsafe kernels.is_finite_f32(rows.count, x.columns, x.pointer(row: rows.lowerBound), x.stride)
        }
        if !finite { throw .notFinite(layer: layer()) }
    }
}
