import COpenBLAS

/// Products of float32 matrices on the calling thread, all row-major.
package enum FloatProducts {
    /// The CPU whose kernels OpenBLAS chose, as it names it.
    package static var coreName: String { unsafe String(cString: openblas_core_name()) }

    /// y = x · wᵀ
    ///
    /// - Parameters:
    ///   - x: (rows, depth), rows `xStride` apart
    ///   - w: (columns, depth)
    ///   - y: (rows, columns), overwritten
    static func multiplyTransposed(
        rows: Int, columns: Int, depth: Int, _ x: UnsafePointer<Float>, _ xStride: Int,
        _ w: UnsafePointer<Float>,
        _ wStride: Int, _ y: UnsafeMutablePointer<Float>, _ yStride: Int
    ) {
        unsafe openblas_multiply_transposed(rows, columns, depth, x, xStride, w, wStride, y, yStride)
    }
}
