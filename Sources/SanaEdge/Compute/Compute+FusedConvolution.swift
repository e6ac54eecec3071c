import QuantKernels

/// An image in floats; whole, or as many rows of it as an operation behind still reads.
struct HeldImage: Sendable {
    let height: Int
    let width: Int
    /// Rows that are there at a time: a row takes the place of the one so many rows above. Even, so that rows 2 i and
    /// 2 i + 1 stand together.
    let heldRows: Int
    let x: Matrix  // (heldRows · width, channels)

    /// A whole image.
    init(_ x: Matrix, height: Int, width: Int) {
        (self.x, self.height, self.width, heldRows) = (x, height, width, height)
    }

    /// New memory.
    init(height: Int, width: Int, channels: Int, heldRows: Int) {
        (self.height, self.width) = (height, width)
        self.heldRows = min((heldRows + 1) / 2 * 2, height)
        x = Matrix(rows: self.heldRows * width, columns: channels)
    }

    func pointer(_ row: Int, _ pixel: Int) -> UnsafeMutablePointer<Float> {
        unsafe x.pointer(row: row % heldRows * width + pixel)
    }
}

/// int8 convolutions that hand each block of pixels, while it is in a core's cache, to the operation behind them. They
/// give what the operations one after another would give, bit for bit.
extension Compute {
    /// A convolution of an image whose weight is int8.
    func blockConvolution(
        _ image: QuantizedImage, _ layer: Convolution, _ activation: Activation = .none
    ) -> BlockConvolution {
        guard case .w8a8(let panels) = layer.weight.values else {
            preconditionFailure("an int8 convolution with a float weight")
        }
        let epilogue = Epilogue(bias: layer.bias, output: .store(activation), columns: layer.outputs)
        return unsafe BlockConvolution(image, panels, epilogue, kernels)
    }

    /// An int8 convolution of a whole image, its output in int8 for the next convolution: the first of the two in a
    /// residual block.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`, the next convolution.
    package func convolution(
        _ x: QuantizedImage, _ weight: ConvolutionWeight, bias: Buffer<Float>?, _ activation: Activation,
        into y: QuantizedImage, layer: String
    ) throws(ActivationError) {
        let convolution = blockConvolution(
            x, Convolution(weight: weight, bias: bias, name: layer), activation)
        try compute(convolution, rows: 0..<x.height, into: y, layer: layer)
    }

    /// Rows of the convolution's output, in int8 for the next convolution.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`, the next convolution.
    func compute(
        _ convolution: BlockConvolution, rows: Range<Int>, into y: QuantizedImage, layer: String
    ) throws(ActivationError) {
        let kernels = unsafe kernels
        let (blocks, outputs) = (convolution.blocks(rows: rows), convolution.outputs)
        precondition(y.width == convolution.image.width && y.channels == outputs)
        let all = SharedFlag()
        unsafe parallel(blocks.count, scratch: blocks.largest * outputs) { index, sums in
            let block = blocks[index]
            let line = { (row: Int) in
                unsafe sums + (row - block.rows.lowerBound) * block.pixels.count * outputs
            }
            unsafe convolution.compute(block, stride: outputs, rowStride: 0, into: line)
            for row in block.rows {
                let finite = unsafe y.quantize(
                    row: row, pixels: block.pixels, from: line(row), stride: outputs, kernels)
                if !finite { all.clear() }
            }
        }
        if rows.upperBound == y.height { y.close() }
        guard all.isSet else { throw .notFinite(layer: layer) }
    }

    /// y += norm(rows of the convolution's output); the new y also in int8, where there is a next convolution.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`, the next convolution.
    func compute(
        _ convolution: BlockConvolution, rows: Range<Int>, _ norm: RMSNorm, addedTo y: HeldImage,
        quantizedInto next: QuantizedImage?, layer: String
    ) throws(ActivationError) {
        let kernels = unsafe kernels
        let (blocks, outputs) = (convolution.blocks(rows: rows), convolution.outputs)
        precondition(y.width == convolution.image.width && y.x.columns == outputs)
        let all = SharedFlag()
        unsafe parallel(blocks.count, scratch: blocks.largest * outputs) { index, sums in
            let block = blocks[index]
            let line = { (row: Int) in
                unsafe sums + (row - block.rows.lowerBound) * block.pixels.count * outputs
            }
            unsafe convolution.compute(block, stride: outputs, rowStride: 0, into: line)
            var rmsNorm = unsafe norm.kernel
            for row in block.rows {
                let target = unsafe y.pointer(row, block.pixels.lowerBound)
                unsafe kernels.rms_norm_f32(
                    block.pixels.count, outputs, line(row), outputs, &rmsNorm, target, y.x.stride, target,
                    y.x.stride)
                let finite = unsafe next?.quantize(
                    row: row, pixels: block.pixels, from: target, stride: y.x.stride, kernels)
                if finite == false { all.clear() }
            }
        }
        if let next, rows.upperBound == next.height { next.close() }
        guard all.isSet else { throw .notFinite(layer: layer) }
    }

    /// What rows become behind nearest upsampling and the convolution, beside the shortcut of `addUpsampleShortcut`
    /// where there are repeats; the sum also in int8, where there is a next convolution.
    ///
    /// - Parameters:
    ///   - rows: of the image before it is upsampled.
    ///   - source: that image in floats
    /// - Throws: `ActivationError.notFinite`, which names `layer`, the next convolution.
    func compute(
        _ convolution: BlockConvolution, rows: Range<Int>, shortcut source: HeldImage, repeats: Int?,
        into y: HeldImage, quantizedInto next: QuantizedImage?, layer: String
    ) throws(ActivationError) {
        let kernels = unsafe kernels
        let blocks = convolution.blocks(rows: rows)
        precondition(convolution.upsamples && y.width == 2 * source.width && y.height == 2 * source.height)
        precondition(y.x.columns == convolution.outputs && convolution.image.width == source.width)
        precondition(repeats.map { $0 * source.x.columns == 4 * y.x.columns } ?? true)
        let all = SharedFlag()
        let (stride, rowStride) = (y.x.stride, y.width * y.x.stride)
        parallel(blocks.count) { index in
            let block = blocks[index]
            let pixels = 2 * block.pixels.lowerBound..<2 * block.pixels.upperBound
            unsafe convolution.compute(block, stride: stride, rowStride: rowStride) { row in
                unsafe y.pointer(2 * row, pixels.lowerBound)
            }
            for row in block.rows {
                let target = unsafe y.pointer(2 * row, pixels.lowerBound)
                if let repeats {
                    unsafe qk_add_upsample_shortcut_f32(
                        block.pixels.count, y.x.columns, repeats,
                        source.pointer(row, block.pixels.lowerBound),
                        source.x.stride, target, stride, rowStride)
                }
                for half in 0..<2 {
                    let finite = unsafe next?.quantize(
                        row: 2 * row + half, pixels: pixels, from: target + half * rowStride, stride: stride,
                        kernels)
                    if finite == false { all.clear() }
                }
            }
        }
        if let next, 2 * rows.upperBound == next.height { next.close() }
        guard all.isSet else { throw .notFinite(layer: layer) }
    }
}
