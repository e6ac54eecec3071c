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
            let image = QuantizedImage(
                height: height, width: width, channels: x.columns, group: unsafe kernels.depth_group,
                recycler: recycler)
            guard quantize(x, into: image) else { throw .notFinite(layer: layer()) }
            for (parity, panels) in panels.enumerated() {
                let parity = weight.upsamples ? (y: parity / 2, x: parity % 2) : nil
                convolve(image, panels, parity, epilogue, into: y)
            }
        }
    }

    /// False where a value is not finite.
    private func quantize(_ x: Matrix, into image: QuantizedImage) -> Bool {
        let kernels = unsafe kernels
        let offset = unsafe kernels.activation_offset
        image.fillBorder(with: offset)
        let (width, pitch) = (image.width, image.pitch)
        let all = SharedFlag()
        parallel(image.height) { row in
            let first = (row + 1) * pitch + 1
            let finite = unsafe kernels.quantize_f32_s8(
                width, x.columns, x.pointer(row: row * width), x.stride, offset,
                image.values.base + first * image.stride, image.stride, image.scales.base + first)
            if !finite { all.clear() }
        }
        return all.isSet
    }

    /// One parity of an upsampling convolution, or a plain convolution where there is none.
    private func convolve(
        _ image: QuantizedImage, _ panels: Panels, _ parity: (y: Int, x: Int)?, _ epilogue: Epilogue,
        into y: Matrix
    ) {
        let kernels = unsafe kernels
        let taps = Buffer(image.tapRows(parity: parity))
        let (height, width) = (image.height, image.width)
        let scale = parity == nil ? 1 : 2
        let segment = Compute.blockHeight(bytesOfRow: 3 * image.stride, tile: unsafe kernels.tile_rows)
        let segments = (width + segment - 1) / segment
        let span = max(1, Compute.convolutionBlockColumns / panels.width)
        let spans = (panels.count + span - 1) / span
        parallel(spans * height) { index in
            let panel = index / height * span
            let row = index % height
            let column = panel * panels.width
            for part in 0..<segments {
                let pixel = part * segment
                let input = (row + 1) * image.pitch + 1 + pixel
                let outputRow =
                    (scale * row + (parity?.y ?? 0)) * scale * width + scale * pixel + (parity?.x ?? 0)
                var gemm = unsafe qk_gemm_s8s8(
                    rows: min(segment, width - pixel),
                    columns: min(span * panels.width, panels.outputs - column),
                    depth: panels.depth, taps: panels.taps, tap_rows: taps.base,
                    activations: image.values.base + input * image.stride, activations_stride: image.stride,
                    scales: image.scales.base + input, panels: panels.bytes.base + panel * panels.panelBytes,
                    column_scales: panels.scales.base + panels.firstScale + column,
                    epilogue: epilogue.at(column),
                    y: y.pointer(row: outputRow) + column, y_stride: scale * y.stride)
                unsafe kernels.gemm_s8s8_f32(&gemm)
            }
        }
    }

    private static let convolutionBlockColumns = 128
}

/// An image in the tier's int8 form with a border of one pixel, whose scale is 0.
private final class QuantizedImage: Sendable {
    let height: Int
    let width: Int
    /// Pixels from one image row to the next.
    let pitch: Int
    /// Bytes from one pixel to the next.
    let stride: Int
    let values: Buffer<UInt8>
    let scales: Buffer<Float>
    private let recycler: Recycler

    init(height: Int, width: Int, channels: Int, group: Int, recycler: Recycler) {
        self.height = height
        self.width = width
        self.recycler = recycler
        pitch = width + 2
        stride = QuantizedRows.stride(columns: channels, group: group)
        values = recycler.take(count: (height + 2) * pitch * stride)
        scales = Buffer(count: (height + 2) * pitch)
    }

    deinit {
        recycler.give(values)
    }

    func fillBorder(with offset: UInt8) {
        for row in 0..<height + 2 {
            let inside = row > 0 && row <= height
            for pixel in inside ? [0, pitch - 1] : Array(0..<pitch) {
                let first = unsafe values.base + (row * pitch + pixel) * stride
                unsafe first.update(repeating: offset, count: stride)
            }
        }
    }

    /// For each tap the distance from the output's own pixel to the one that it reads.
    func tapRows(parity: (y: Int, x: Int)?) -> [Int] {
        guard let parity else {
            return (0..<9).map { ($0 / 3 - 1) * pitch + $0 % 3 - 1 }
        }
        return (0..<4).map { (parity.y - 1 + $0 / 2) * pitch + parity.x - 1 + $0 % 2 }
    }
}
