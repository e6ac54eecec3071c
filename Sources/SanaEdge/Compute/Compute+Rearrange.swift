import QuantKernels

extension Compute {
    /// y[:, c] += x[:, c / repeats]
    public func addRepeated(_ x: Matrix, repeats: Int, into y: Matrix) {
        precondition(x.rows == y.rows && y.columns == repeats * x.columns)
        forEachBlock(rows: y.rows, of: y.columns) { rows in
            unsafe qk_add_repeated_f32(
                rows.count, y.columns, repeats, x.pointer(row: rows.lowerBound), x.stride,
                y.pointer(row: rows.lowerBound), y.stride)
        }
    }

    /// The shortcut beside a decoder's upsampling: y[(2i + a, 2j + b), o] += x[(i, j), (4o + 2a + b) / repeats].
    ///
    /// - Parameters:
    ///   - x: (height · width, inputs)
    ///   - y: (2 height · 2 width, outputs) with 4 outputs = repeats · inputs
    public func addUpsampleShortcut(_ x: Matrix, height: Int, width: Int, repeats: Int, into y: Matrix) {
        precondition(x.rows == height * width && y.rows == 4 * x.rows && 4 * y.columns == repeats * x.columns)
        parallel(height) { row in
            unsafe qk_add_upsample_shortcut_f32(
                width, y.columns, repeats, x.pointer(row: row * width), x.stride,
                y.pointer(row: 4 * row * width),
                y.stride, 2 * width * y.stride)
        }
    }

    /// y[(2i + a, 2j + b), o] = x[(i, j), 4o + 2a + b]
    ///
    /// - Parameters:
    ///   - x: (height · width, 4 outputs)
    ///   - y: (2 height · 2 width, outputs)
    public func pixelShuffle(_ x: Matrix, height: Int, width: Int, into y: Matrix) {
        precondition(x.rows == height * width && y.rows == 4 * x.rows && 4 * y.columns == x.columns)
        parallel(height) { row in
            unsafe qk_pixel_shuffle_f32(
                width, y.columns, x.pointer(row: row * width), x.stride, y.pointer(row: 4 * row * width),
                y.stride,
                2 * width * y.stride)
        }
    }
}
