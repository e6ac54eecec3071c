import QuantKernels

/// An image that a float convolution reads, perhaps upsampled by two.
struct UpsampledImage: Sendable {
    let x: Matrix
    let height: Int
    let width: Int
    let upsamples: Bool

    var outputHeight: Int { upsamples ? 2 * height : height }
    var outputWidth: Int { upsamples ? 2 * width : width }

    /// Writes the 9 · channels inputs of each output pixel in a run of pixels, row after row, zeros outside.
    func gather(pixels: Range<Int>, into patches: UnsafeMutablePointer<Float>) {
        let channels = x.columns
        for (index, pixel) in pixels.enumerated() {
            let (row, column) = (pixel / outputWidth, pixel % outputWidth)
            for tap in 0..<9 {
                let target = unsafe patches + (index * 9 + tap) * channels
                let (y, x) = (row + tap / 3 - 1, column + tap % 3 - 1)
                if (0..<outputHeight).contains(y) && (0..<outputWidth).contains(x) {
                    let source = upsamples ? y / 2 * width + x / 2 : y * width + x
                    unsafe target.update(from: self.x.pointer(row: source), count: channels)
                } else {
                    unsafe target.update(repeating: 0, count: channels)
                }
            }
        }
    }
}

extension Compute {
    /// Output pixels and channels of one call of OpenBLAS, in a float convolution: what measured best without taking
    /// much memory.
    private static let convolutionRows = 512
    private static let convolutionColumns = 256

    /// A float convolution works on runs of output pixels whose sizes depend on the image's width alone: parts of
    /// one image row where it is wide, else this many whole image rows. A band of an image gives the same numbers as
    /// the image does where both begin and end on multiples of this.
    package static func sliceImageRows(outputWidth: Int) -> Int {
        max(1, convolutionRows / max(outputWidth, 1))
    }

    /// Float convolution: the inputs of a run of pixels side by side, times the weight.
    func convolve(_ image: UpsampledImage, _ weight: Weight, _ epilogue: Epilogue, into y: Matrix) {
        let kernels = unsafe kernels
        let depth = weight.columns
        let width = image.outputWidth
        let imageRows = Compute.sliceImageRows(outputWidth: width)
        let run = min(Compute.convolutionRows, width * imageRows)
        let perRow = imageRows > 1 ? 1 : (width + run - 1) / run
        let slices =
            imageRows > 1 ? (image.outputHeight + imageRows - 1) / imageRows : image.outputHeight * perRow
        let columnParts = (weight.rows + Compute.convolutionColumns - 1) / Compute.convolutionColumns
        let wideCount = weight.isWide ? 0 : Compute.convolutionColumns * depth
        let patchCount = Compute.convolutionRows * depth
        unsafe parallel(
            slices * columnParts,
            scratch: wideCount + patchCount + Compute.convolutionRows * Compute.convolutionColumns
        ) { part, memory in
            let slice = part / columnParts
            let first = imageRows > 1 ? slice * run : slice / perRow * width + slice % perRow * run
            let end = imageRows > 1 ? y.rows : (slice / perRow + 1) * width
            let rows = min(run, end - first)
            let column = part % columnParts * Compute.convolutionColumns
            let columns = min(Compute.convolutionColumns, weight.rows - column)
            let patches = unsafe memory + wideCount
            let sums = unsafe patches + patchCount
            let wide = unsafe weight.wide(rows: column..<column + columns, in: memory, kernels)
            unsafe image.gather(pixels: first..<first + rows, into: patches)
            unsafe FloatProducts.multiplyTransposed(
                rows: rows, columns: columns, depth: depth, patches, depth, wide, depth, sums, columns)
            var columnEpilogue = unsafe epilogue.at(column)
            unsafe kernels.finish_f32(
                rows, columns, sums, columns, &columnEpilogue, y.pointer(row: first) + column, y.stride)
        }
    }
}
