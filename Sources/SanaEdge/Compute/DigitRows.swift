import QuantKernels

/// Float rows in 16 bits a value, as two int8 digits each with a scale (qk_quantize.h): what a `w8` weight is
/// multiplied with.
///
/// bfloat16 would take as long where a CPU has it. This has seven bits more for the greatest values of a row, is
/// exact from there on and runs on the int8 product of every tier.
final class DigitRows: Sendable {
    let rows: Int
    /// Bytes from one row to the next.
    let stride: Int
    /// (2, rows, stride): the high digits, then the low ones.
    let values: Buffer<UInt8>
    /// (2, rows)
    let scales: Buffer<Float>
    private let recycler: Recycler<UInt8>

    init(rows: Int, columns: Int, group: Int, recycler: Recycler<UInt8>) {
        self.rows = rows
        stride = QuantizedRows.stride(columns: columns, group: group)
        values = recycler.take(count: 2 * rows * stride)
        scales = Buffer(count: 2 * rows)
        self.recycler = recycler
    }

    deinit {
        recycler.give(values)
    }
}

extension Compute {
    /// Splits `x` into digits where one of these weights is w8.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`.
    func digits(
        _ x: Matrix, for weights: [Weight], layer: @autoclosure () -> String
    ) throws(ActivationError) -> DigitRows? {
        guard weights.contains(where: { $0.scheme == .w8 }) else { return nil }
        let kernels = unsafe kernels
        let digits = DigitRows(
            rows: x.rows, columns: x.columns, group: unsafe kernels.depth_group, recycler: recycler)
        let isFinite = allOf(rows: x.rows, of: x.columns) { rows in
            let (high, low) = (rows.lowerBound, x.rows + rows.lowerBound)
            return unsafe kernels.quantize_f32_s8x2(
                rows.count, x.columns, x.pointer(row: rows.lowerBound), x.stride, kernels.activation_offset,
                digits.values.base + high * digits.stride, digits.values.base + low * digits.stride,
                digits.stride, digits.scales.base + high, digits.scales.base + low)
        }
        guard isFinite else { throw .notFinite(layer: layer()) }
        return digits
    }
}
