import QuantKernels

extension Compute {
    /// 3x3 convolution with padding 1: r = x * W + bias, then `output`.
    ///
    /// int8: a token is a pixel. The exact int32 sum of each tap is multiplied by the scale of the pixel that the tap
    /// reads, and the taps are added in float32 in their order; taps outside the image contribute nothing.
    ///
    /// - Parameters:
    ///   - x: (height · width, inputs)
    ///   - bias: (outputs)
    ///   - y: (height · width, outputs), or (2 height · 2 width, outputs) where the weight upsamples
    /// - Throws: `ActivationError.notFinite`, which names `layer`, where `x` is quantized and not finite.
    public func convolution(
        _ x: Matrix, height: Int, width: Int, _ weight: ConvolutionWeight, bias: Buffer<Float>?,
        _ output: Output = .store(.none), into y: Matrix, layer: @autoclosure () -> String
    ) throws(ActivationError) {
        precondition(x.rows == height * width && x.columns == weight.inputs)
        precondition(y.rows == x.rows * (weight.upsamples ? 4 : 1) && y.columns == weight.outputs)
        let epilogue = Epilogue(bias: bias, output: output, columns: y.columns)
        switch weight.values {
        case .float(let matrix):
            let image = UpsampledImage(x: x, height: height, width: width, upsamples: weight.upsamples)
            convolve(image, matrix, epilogue, into: y)
        case .w8a8(let panels):
            let image = try quantized(x, height: height, width: width, layer: layer())
            let convolution = unsafe BlockConvolution(image, panels, epilogue, kernels)
            let blocks = convolution.blocks
            parallel(blocks.count) { index in
                convolution.compute(blocks[index], of: y)
            }
        }
    }
}

/// An int8 convolution of an image, or one behind upsampling, block by block.
@safe struct BlockConvolution: @unchecked Sendable {
    let image: QuantizedImage
    let outputs: Int
    /// Whether the output has twice the image's sides.
    let upsamples: Bool
    /// Blocks of the image's pixels.
    let blocks: ImageBlocks
    /// One for each output parity (2 py + px) behind upsampling, else one.
    private let panels: [Panels]
    private let taps: [Buffer<Int>]
    private let epilogue: Epilogue
    private let kernels: qk_tier

    init(_ image: QuantizedImage, _ panels: [Panels], _ epilogue: Epilogue, _ kernels: qk_tier) {
        self.image = image
        self.panels = panels
        self.epilogue = epilogue
        unsafe self.kernels = kernels
        precondition(panels.allSatisfy { $0.depth == image.channels })
        outputs = panels[0].outputs
        upsamples = panels.count == 4
        blocks = ImageBlocks(height: image.height, width: image.width, tile: unsafe kernels.tile_rows)
        let upsamples = upsamples
        taps = panels.indices.map { parity in
            Buffer(image.tapRows(parity: upsamples ? (y: parity / 2, x: parity % 2) : nil))
        }
    }

    /// A block's outputs into an image (height · width, outputs), or one with twice the sides.
    func compute(_ block: ImageBlocks.Block, of y: Matrix) {
        let scale = upsamples ? 2 : 1
        let width = scale * image.width
        let first = unsafe y.pointer(row: scale * (block.rows.lowerBound * width + block.pixels.lowerBound))
        unsafe compute(block, into: first, stride: y.stride, rowStride: width * y.stride)
    }

    /// A block's outputs into memory of their own.
    ///
    /// - Parameters:
    ///   - y: the block's first pixel, or the first of the four that it becomes.
    ///   - stride: from one pixel of y to the next.
    ///   - rowStride: from one image row of y to the next.
    func compute(
        _ block: ImageBlocks.Block, into y: UnsafeMutablePointer<Float>, stride: Int, rowStride: Int
    ) {
        let scale = upsamples ? 2 : 1
        for (parity, panels) in panels.enumerated() {
            let corner = unsafe y + parity / 2 * rowStride + parity % 2 * stride
            let span = max(1, BlockConvolution.spanColumns / panels.width)
            for panel in Swift.stride(from: 0, to: panels.count, by: span) {
                let column = panel * panels.width
                for row in block.rows {
                    let input = image.index(row, block.pixels.lowerBound)
                    var gemm = unsafe qk_gemm_s8s8(
                        rows: block.pixels.count,
                        columns: min(span * panels.width, panels.outputs - column), depth: panels.depth,
                        taps: panels.taps, tap_rows: taps[parity].base,
                        activations: image.values.base + input * image.stride,
                        activations_stride: image.stride, scales: image.scales.base + input,
                        panels: panels.bytes.base + panel * panels.panelBytes,
                        column_scales: panels.scales.base + panels.firstScale + column,
                        epilogue: epilogue.at(column),
                        y: corner + scale * (row - block.rows.lowerBound) * rowStride + column,
                        y_stride: scale * stride)
                    unsafe kernels.gemm_s8s8_f32(&gemm)
                }
            }
        }
    }

    /// Output channels whose weights stay in a core's cache while a block's image rows pass by.
    private static let spanColumns = 64
}
