import COpenBLAS
import QuantKernels

extension Compute {
    // OpenBLAS rounds a sum in another order when the shape of the call changes, so the slices that it is called
    // with come from the shape of the product alone. Their sizes are those that measured best: OpenBLAS itself works
    // on blocks of 448 rows, and below 300 packing and widening cost a tenth.

    /// The most rows of x in one call.
    private static let mostSliceRows = 448
    /// The most rows of the weight in one call.
    private static let mostSliceColumns = 384

    /// Rows of x in one call, about as many in each.
    private static func sliceHeight(rows: Int) -> Int {
        let slices = max(1, (rows + mostSliceRows - 1) / mostSliceRows)
        return ((rows + slices - 1) / slices + 15) / 16 * 16
    }

    /// Rows of the weight in one call, about as many in each. Where there are several calls their number is even, so
    /// that two threads, or four, mostly finish together.
    private static func sliceWidth(columns: Int) -> Int {
        let least = max(1, (columns + mostSliceColumns - 1) / mostSliceColumns)
        let slices = least == 1 ? 1 : (least + 1) / 2 * 2
        return ((columns + slices - 1) / slices + 15) / 16 * 16
    }

    /// A product with a weight that is kept, or computed with, in floating point.
    func multiply(_ x: Matrix, _ weight: Weight, _ epilogue: Epilogue, into y: Matrix) {
        let kernels = unsafe kernels
        let height = Compute.sliceHeight(rows: x.rows)
        let slices = (x.rows + height - 1) / max(height, 1)
        let width = Compute.sliceWidth(columns: weight.rows)
        let columnSlices = (weight.rows + width - 1) / max(width, 1)
        let depth = weight.columns
        let wideCount = weight.isWide ? 0 : width * depth
        unsafe parallel(slices * columnSlices, scratch: wideCount + height * width) {
            part, memory in
            let column = part / slices * width
            let columns = min(width, weight.rows - column)
            let row = part % slices * height
            let rows = min(height, x.rows - row)
            let wide = unsafe weight.wide(rows: column..<column + columns, in: memory, kernels)
            let sums = unsafe memory + wideCount
            var columnEpilogue = unsafe epilogue.at(column)
            unsafe FloatProducts.multiplyTransposed(
                rows: rows, columns: columns, depth: depth, x.pointer(row: row), x.stride, wide, depth, sums,
                columns)
            unsafe kernels.finish_f32(
                rows, columns, sums, columns, &columnEpilogue, y.pointer(row: row) + column, y.stride)
        }
    }

    /// float32 values of half-precision ones.
    static func widened(f16: Buffer<UInt16>) -> Buffer<Float> {
        let wide = Buffer<Float>(count: f16.count)
        unsafe scalar.widen_f16_f32(f16.count, f16.base, wide.base)
        return wide
    }

    /// float32 values of bfloat16 ones.
    static func widened(bf16: Buffer<UInt16>) -> Buffer<Float> {
        let wide = Buffer<Float>(count: bf16.count)
        unsafe scalar.widen_bf16_f32(bf16.count, bf16.base, wide.base)
        return wide
    }

    /// The kernels that every CPU has.
    static var scalar: qk_tier { unsafe qk_tier_at(0).pointee }
}

extension Weight {
    /// Whether the values are float32 already.
    var isWide: Bool {
        if case .f32 = values { true } else { false }
    }

    /// float32 values of some rows, in `memory` unless the weight holds them as they are.
    func wide(rows: Range<Int>, in memory: UnsafeMutablePointer<Float>, _ kernels: qk_tier) -> UnsafePointer<
        Float
    > {
        let first = rows.lowerBound * columns
        let count = rows.count * columns
        switch values {
        case .f32(let values):
            return unsafe UnsafePointer(values.base + first)
        case .f16(let values):
            unsafe kernels.widen_f16_f32(count, values.base + first, memory)
        case .bf16(let values):
            unsafe kernels.widen_bf16_f32(count, values.base + first, memory)
        case .w8, .w8a8:
            preconditionFailure("an int8 weight in a float product")
        }
        return unsafe UnsafePointer(memory)
    }
}
