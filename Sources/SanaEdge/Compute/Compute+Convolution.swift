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
            observer?.observe(x, layer: layer(), compute: self)
            let image = UpsampledImage(x: x, height: height, width: width, upsamples: weight.upsamples)
            convolve(image, matrix, epilogue, into: y)
        case .w8a8(let panels):
            let image = try quantized(x, height: height, width: width, layer: layer())
            let convolution = unsafe BlockConvolution(image, panels, epilogue, kernels)
            let blocks = convolution.blocks(rows: 0..<height)
            let (scale, rowStride) = weight.upsamples ? (2, 2 * width * y.stride) : (1, width * y.stride)
            parallel(blocks.count) { index in
                let block = blocks[index]
                unsafe convolution.compute(block, stride: y.stride, rowStride: rowStride) { row in
                    unsafe y.base + scale * (row * rowStride + block.pixels.lowerBound * y.stride)
                }
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
    /// One for each output parity (2 py + px) behind upsampling, else one.
    private let panels: [Panels]
    private let taps: [Buffer<Int>]  // (places of rows, taps)
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
        let upsamples = upsamples
        taps = panels.indices.map { parity in
            Buffer(image.tapRows(parity: upsamples ? (y: parity / 2, x: parity % 2) : nil))
        }
    }

    /// Some rows of the image in blocks.
    func blocks(rows: Range<Int>) -> ImageBlocks {
        unsafe ImageBlocks(
            rows: rows, width: image.width, tile: kernels.tile_rows, keepsPanels: kernels.keeps_panels)
    }

    /// A block's outputs.
    ///
    /// - Parameters:
    ///   - stride: from one output pixel to the next.
    ///   - rowStride: from one output row to the next, behind upsampling.
    ///   - target: where the block's first pixel of an image row goes, or the first of the four that it becomes.
    func compute(
        _ block: ImageBlocks.Block, stride: Int, rowStride: Int,
        into target: (Int) -> UnsafeMutablePointer<Float>
    ) {
        for (parity, panels) in panels.enumerated() {
            let corner = parity / 2 * rowStride + parity % 2 * stride
            let columns = unsafe kernels.keeps_panels ? Self.passingColumns : Self.spanColumns
            let span = max(1, columns / panels.width)
            for panel in Swift.stride(from: 0, to: panels.count, by: span) {
                let column = panel * panels.width
                for row in block.rows {
                    let input = image.index(row, block.pixels.lowerBound)
                    var gemm = unsafe qk_gemm_s8s8(
                        rows: block.pixels.count,
                        columns: min(span * panels.width, panels.outputs - column), depth: panels.depth,
                        taps: panels.taps,
                        tap_rows: taps[parity].base + image.firstTap(row: row, of: panels.taps),
                        activations: image.values.base + input * image.stride,
                        activations_stride: image.stride, scales: image.scales.base + input,
                        panels: panels.bytes.base + panel * panels.panelBytes,
                        column_scales: panels.scales.base + panels.firstScale + column,
                        epilogue: epilogue.at(column), y: target(row) + corner + column,
                        y_stride: upsamples ? 2 * stride : stride)
                    unsafe kernels.gemm_s8s8_f32(&gemm)
                }
            }
        }
    }

    /// Output channels whose weights stay in a core's cache while a block's image rows pass by; more where the tier keeps
    /// panels.
    private static let spanColumns = 64
    private static let passingColumns = 128
}
