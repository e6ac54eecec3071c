import QuantKernels

/// A float 3x3 convolution to few channels, as the last one of a decoder is: each pixel is multiplied with all nine
/// taps at once, and each output then adds what its nine neighbours hold for it.
struct PixelConvolution: Sendable {
    fileprivate let weight: Buffer<Float>  // (inputs, 9 outputs, filled up to whole vectors)
    fileprivate let bias: Buffer<Float>?  // (outputs)
    fileprivate let inputs: Int
    let outputs: Int

    /// Values that each pixel gives to its neighbours.
    fileprivate var products: Int { 9 * outputs }
    fileprivate var stride: Int { (products + 15) / 16 * 16 }

    /// Outputs up to which this takes less time than the products of whole neighbourhoods.
    static let mostOutputs = 7

    /// Nil where the weight is int8 or has too many outputs.
    init?(_ layer: Convolution) {
        guard case .float(let matrix) = layer.weight.values, !layer.weight.upsamples,
            layer.outputs <= Self.mostOutputs
        else { return nil }
        (inputs, outputs, bias) = (layer.weight.inputs, layer.outputs, layer.bias)
        weight = Buffer(count: inputs * ((9 * outputs + 15) / 16 * 16))
        let memory = Buffer<Float>(count: matrix.rows * matrix.columns)
        let rows = unsafe matrix.wide(rows: 0..<matrix.rows, in: memory.base, Compute.scalar)
        for output in 0..<outputs {
            for tap in 0..<9 {
                for input in 0..<inputs {
                    weight[input * stride + tap * outputs + output] =
                        unsafe rows[(output * 9 + tap) * inputs + input]
                }
            }
        }
    }
}

extension Compute {
    private static let pixelRows = 8
    private static let pixelColumns = 128

    /// Rows of activation(norm(x)) * W + bias, in blocks of pixels that pass through a core's cache once.
    ///
    /// - Parameter y: (rows · width, outputs)
    func compute(
        _ convolution: PixelConvolution, rows wanted: Range<Int>, of image: HeldImage,
        normalizedBy norm: RMSNorm, _ activation: Activation, into y: Matrix
    ) {
        let (x, height, width) = (image.x, image.height, image.width)
        precondition(x.columns == convolution.inputs)
        precondition(y.rows == wanted.count * width && y.columns == convolution.outputs)
        let kernels = unsafe kernels
        let columnBlocks = (width + Compute.pixelColumns - 1) / Compute.pixelColumns
        let rowBlocks = (wanted.count + Compute.pixelRows - 1) / Compute.pixelRows
        let rowStride = (Compute.pixelColumns + 2) * convolution.stride
        let normalizedCount = (Compute.pixelColumns + 2) * x.columns
        let scratch = normalizedCount + (Compute.pixelRows + 2) * rowStride
        unsafe parallel(rowBlocks * columnBlocks, scratch: scratch) { index, normalized in
            let products = unsafe normalized + normalizedCount  // with a border of one pixel
            let row = wanted.lowerBound + index / columnBlocks * Compute.pixelRows
            let column = index % columnBlocks * Compute.pixelColumns
            let rows = row..<min(wanted.upperBound, row + Compute.pixelRows)
            let pixels = column..<min(width, column + Compute.pixelColumns)
            unsafe products.update(repeating: 0, count: (rows.count + 2) * rowStride)
            var rmsNorm = unsafe norm.kernel
            let seen = max(0, pixels.lowerBound - 1)..<min(width, pixels.upperBound + 1)
            for line in max(0, row - 1)..<min(height, rows.upperBound + 1) {
                unsafe kernels.rms_norm_f32(
                    seen.count, x.columns, image.pointer(line, seen.lowerBound), x.stride, &rmsNorm,
                    nil, 0, normalized, x.columns)
                unsafe kernels.activate_f32(
                    seen.count, x.columns, activation.kernel, normalized, x.columns)
                let first = (line - row + 1) * rowStride + (seen.lowerBound - column + 1) * convolution.stride
                unsafe kernels.gemm_f32(
                    seen.count, convolution.products, x.columns, normalized, x.columns,
                    convolution.weight.base, convolution.stride, products + first, convolution.stride,
                    qk_ahead())
            }
            for line in rows {
                unsafe qk_sum_taps_f32(
                    pixels.count, convolution.outputs, products + (line - row) * rowStride,
                    convolution.stride, rowStride, convolution.bias.pointer,
                    y.pointer(row: (line - wanted.lowerBound) * width + column), y.stride)
            }
        }
    }
}
