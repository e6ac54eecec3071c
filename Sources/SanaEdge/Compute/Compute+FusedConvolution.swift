import QuantKernels

/// int8 convolutions that hand each block of pixels, while it is in a core's cache, to the operation behind them.
///
/// What they give is what the operations one after another would give, bit for bit.
extension Compute {
    /// activation(x * W + bias), in int8 for the next convolution.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`, the next convolution.
    func convolution(
        _ x: QuantizedImage, _ layer: QuantizedConvolution, _ activation: Activation, into y: QuantizedImage,
        layer next: @autoclosure () -> String
    ) throws(ActivationError) {
        let kernels = unsafe kernels
        let convolution = unsafe layer.of(x, .store(activation), kernels)
        let (blocks, outputs) = (convolution.blocks, convolution.outputs)
        precondition(y.height == x.height && y.width == x.width && y.channels == outputs)
        let all = SharedFlag()
        unsafe parallel(blocks.count, scratch: blocks.largest * outputs) { index, sums in
            let block = blocks[index]
            let rowStride = block.pixels.count * outputs
            unsafe convolution.compute(block, into: sums, stride: outputs, rowStride: rowStride)
            for (line, row) in block.rows.enumerated() {
                let finite = unsafe y.quantize(
                    row: row, pixels: block.pixels, from: sums + line * rowStride, stride: outputs, kernels)
                if !finite { all.clear() }
            }
        }
        guard all.isSet else { throw .notFinite(layer: next()) }
    }

    /// y += norm(x * W + bias); the new y also in int8, where there is a next convolution.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`, the next convolution.
    func convolution(
        _ x: QuantizedImage, _ layer: QuantizedConvolution, _ norm: RMSNorm, addedTo y: Matrix,
        quantizedInto next: QuantizedImage?, layer name: @autoclosure () -> String
    ) throws(ActivationError) {
        let kernels = unsafe kernels
        let convolution = unsafe layer.of(x, .store(.none), kernels)
        let (blocks, outputs) = (convolution.blocks, convolution.outputs)
        precondition(y.rows == x.height * x.width && y.columns == outputs)
        precondition(next.map { $0.height == x.height && $0.width == x.width } ?? true)
        let all = SharedFlag()
        unsafe parallel(blocks.count, scratch: blocks.largest * outputs) { index, sums in
            let block = blocks[index]
            let rowStride = block.pixels.count * outputs
            unsafe convolution.compute(block, into: sums, stride: outputs, rowStride: rowStride)
            var rmsNorm = unsafe norm.kernel
            for (line, row) in block.rows.enumerated() {
                let target = unsafe y.pointer(row: row * x.width + block.pixels.lowerBound)
                unsafe kernels.rms_norm_f32(
                    block.pixels.count, outputs, sums + line * rowStride, outputs, &rmsNorm, target,
                    y.stride, target, y.stride)
                let finite = unsafe next?.quantize(
                    row: row, pixels: block.pixels, from: target, stride: y.stride, kernels)
                if finite == false { all.clear() }
            }
        }
        guard all.isSet else { throw .notFinite(layer: name()) }
    }

    /// The convolution behind nearest upsampling, beside the shortcut of `addUpsampleShortcut` where there are
    /// repeats; the sum also in int8, where there is a next convolution.
    ///
    /// - Parameters:
    ///   - x: in int8
    ///   - source: the same image (height · width, inputs)
    ///   - y: (2 height · 2 width, outputs)
    /// - Throws: `ActivationError.notFinite`, which names `layer`, the next convolution.
    func upsamplingConvolution(
        _ x: QuantizedImage, _ layer: QuantizedConvolution, shortcut source: Matrix, repeats: Int?,
        into y: Matrix, quantizedInto next: QuantizedImage?, layer name: @autoclosure () -> String
    ) throws(ActivationError) {
        let kernels = unsafe kernels
        let convolution = unsafe layer.of(x, .store(.none), kernels)
        let (blocks, width) = (convolution.blocks, x.width)
        precondition(convolution.upsamples && source.rows == x.height * width)
        precondition(y.rows == 4 * source.rows && y.columns == convolution.outputs)
        precondition(repeats.map { $0 * source.columns == 4 * y.columns } ?? true)
        precondition(next.map { $0.height == 2 * x.height && $0.width == 2 * width } ?? true)
        let all = SharedFlag()
        parallel(blocks.count) { index in
            let block = blocks[index]
            convolution.compute(block, of: y)
            let pixels = 2 * block.pixels.lowerBound..<2 * block.pixels.upperBound
            for row in block.rows {
                let first = 2 * row * 2 * width + pixels.lowerBound
                if let repeats {
                    unsafe qk_add_upsample_shortcut_f32(
                        block.pixels.count, y.columns, repeats,
                        source.pointer(row: row * width + block.pixels.lowerBound), source.stride,
                        y.pointer(row: first), y.stride, 2 * width * y.stride)
                }
                for half in 0..<2 {
                    let finite = unsafe next?.quantize(
                        row: 2 * row + half, pixels: pixels, from: y.pointer(row: first + half * 2 * width),
                        stride: y.stride, kernels)
                    if finite == false { all.clear() }
                }
            }
        }
        guard all.isSet else { throw .notFinite(layer: name()) }
    }
}

/// A convolution whose weight is int8.
struct QuantizedConvolution: Sendable {
    private let panels: [Panels]
    private let bias: Buffer<Float>?

    /// Nil where the weight is not int8.
    init?(_ layer: Convolution) {
        guard case .w8a8(let panels) = layer.weight.values else { return nil }
        self.panels = panels
        bias = layer.bias
    }

    fileprivate func of(_ image: QuantizedImage, _ output: Compute.Output, _ kernels: qk_tier)
        -> BlockConvolution
    {
        let epilogue = Epilogue(bias: bias, output: output, columns: panels[0].outputs)
        return unsafe BlockConvolution(image, panels, epilogue, kernels)
    }
}
