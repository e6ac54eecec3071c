import QuantKernels

/// The left operand of a product: its rows in floats, in int8, as digits, as the weights want them.
public struct Operand: Sendable {
    let rows: Int
    let columns: Int
    let floats: Matrix?
    let quantized: QuantizedRows?
    let digits: DigitRows?
}

/// Rows in the tier's int8 form, with one scale each (qk_quantize.h).
final class QuantizedRows: Sendable {
    /// Bytes from one row to the next.
    let stride: Int
    let values: Buffer<UInt8>
    let scales: Buffer<Float>
    private let recycler: Recycler<UInt8>

    init(rows: Int, columns: Int, group: Int, recycler: Recycler<UInt8>) {
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

/// Rows of floats that are being made, in some thread's own memory or in a matrix.
@unsafe struct RowTarget {
    let base: UnsafeMutablePointer<Float>
    /// Floats from one row to the next.
    let stride: Int
}

extension Compute {
    /// Makes `x` ready for products with these weights: where one of them is w8a8, quantizes its rows, where one is
    /// w8, splits them into digits, once.
    ///
    /// - Parameters:
    ///   - factors: what the columns are multiplied with as they are quantized, for weights that are all w8a8.
    ///   - layer: the layer's checkpoint name, for the error.
    /// - Throws: `ActivationError.notFinite` where rows that are quantized hold NaN or infinity.
    public func operand(
        _ x: Matrix, factors: Buffer<Float>? = nil, for weights: [Weight], layer: @autoclosure () -> String
    ) throws(ActivationError) -> Operand {
        precondition(
            factors.map { $0.count == x.columns && weights.allSatisfy { $0.scheme == .w8a8 } } ?? true)
        observer?.observe(x, layer: layer(), compute: self)
        var quantized: QuantizedRows?
        if weights.contains(where: { $0.scheme == .w8a8 }) {
            let rows = QuantizedRows(
                rows: x.rows, columns: x.columns, group: unsafe kernels.depth_group, recycler: recycler)
            let finite = allOf(rows: x.rows, of: x.columns) { block in
                unsafe quantize(
                    x.pointer(row: block.lowerBound), x.stride, block, x.columns, factors: factors, into: rows
                )
            }
            guard finite else { throw .notFinite(layer: layer()) }
            quantized = rows
        }
        return Operand(
            rows: x.rows, columns: x.columns, floats: x, quantized: quantized,
            digits: try digits(x, for: weights, layer: layer()))
    }

    /// An operand that `produce` makes, a block of rows at a time, on all threads.
    ///
    /// Where all weights are w8a8, a block is quantized while it is still in the core's cache, and its floats are
    /// never written to memory.
    ///
    /// - Parameters:
    ///   - block: rows that are made at once; nil for about as many as a near cache holds.
    ///   - floats: where the rows go for weights that want floats: (rows, columns).
    ///   - scratch: floats of memory that `produce` wants for itself.
    ///   - produce: writes the given rows to where it is told.
    /// - Throws: `ActivationError.notFinite`, which names `layer`.
    func operand(
        rows: Int, columns: Int, for weights: [Weight], block: Int? = nil, floats: @autoclosure () -> Matrix,
        scratch: Int = 0, layer: @autoclosure () -> String,
        _ produce: @Sendable (Range<Int>, RowTarget, UnsafeMutablePointer<Float>) -> Void
    ) throws(ActivationError) -> Operand {
        let height = block ?? max(8, Compute.operandBlock / max(columns, 1) / 8 * 8)
        let wantsFloats = weights.contains { $0.scheme != .w8a8 }
        let matrix = wantsFloats ? floats() : nil
        precondition(matrix.map { $0.rows == rows && $0.columns == columns } ?? true)
        let quantized =
            weights.contains { $0.scheme == .w8a8 }
            ? QuantizedRows(
                rows: rows, columns: columns, group: unsafe kernels.depth_group, recycler: recycler) : nil
        let finite = SharedFlag()
        unsafe parallel((rows + height - 1) / height, scratch: scratch + (wantsFloats ? 0 : height * columns))
        {
            index, memory in
            let block = index * height..<min(rows, (index + 1) * height)
            let target =
                unsafe matrix.map {
                    unsafe RowTarget(base: $0.pointer(row: block.lowerBound), stride: $0.stride)
                }
                ?? RowTarget(base: memory + scratch, stride: columns)
            unsafe produce(block, target, memory)
            if let quantized, unsafe !quantize(target.base, target.stride, block, columns, into: quantized) {
                finite.clear()
            }
        }
        guard finite.isSet else { throw .notFinite(layer: layer()) }
        if let matrix { observer?.observe(matrix, layer: layer(), compute: self) }
        return Operand(
            rows: rows, columns: columns, floats: matrix, quantized: quantized,
            digits: try matrix.flatMap { (x) throws(ActivationError) in
                try digits(x, for: weights, layer: layer())
            })
    }

    /// Floats of a block that is made and quantized at once, about; whole runs of 8 rows, which kernels take at once.
    private static let operandBlock = 8192

    /// Some rows, the first of which `x` points to, perhaps times one factor a column; false where a value is not
    /// finite.
    func quantize(
        _ x: UnsafePointer<Float>, _ stride: Int, _ block: Range<Int>, _ columns: Int,
        factors: Buffer<Float>? = nil, into quantized: QuantizedRows
    ) -> Bool {
        let kernels = unsafe kernels
        if let factors {
            return unsafe kernels.quantize_scaled_f32_s8(
                block.count, columns, x, stride, factors.base, kernels.activation_offset,
                quantized.values.base + block.lowerBound * quantized.stride, quantized.stride,
                quantized.scales.base + block.lowerBound)
        }
        return unsafe kernels.quantize_f32_s8(
            block.count, columns, x, stride, kernels.activation_offset,
            quantized.values.base + block.lowerBound * quantized.stride, quantized.stride,
            quantized.scales.base + block.lowerBound)
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
