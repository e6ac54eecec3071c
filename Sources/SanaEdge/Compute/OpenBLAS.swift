import COpenBLAS

/// y = x · wᵀ, all row-major, on the calling thread.
///
/// - Parameters:
///   - x: (rows, depth), rows `xStride` apart
///   - w: (columns, depth)
///   - y: (rows, columns), overwritten
func multiplyTransposed(
    rows: Int, columns: Int, depth: Int, _ x: UnsafePointer<Float>, _ xStride: Int, _ w: UnsafePointer<Float>,
    _ wStride: Int, _ y: UnsafeMutablePointer<Float>, _ yStride: Int
) {
    unsafe openblas_multiply_transposed(rows, columns, depth, x, xStride, w, wStride, y, yStride)
}

/// y = x · w, all row-major, on the calling thread.
///
/// - Parameters:
///   - x: (rows, depth), rows `xStride` apart
///   - w: (depth, columns)
///   - y: (rows, columns), overwritten
func multiplyPlain(
    rows: Int, columns: Int, depth: Int, _ x: UnsafePointer<Float>, _ xStride: Int, _ w: UnsafePointer<Float>,
    _ wStride: Int, _ y: UnsafeMutablePointer<Float>, _ yStride: Int
) {
    unsafe openblas_multiply(rows, columns, depth, x, xStride, w, wStride, y, yStride)
}
