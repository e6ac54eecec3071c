import QuantKernels

/// An image in a tier's int8 form with a border of one pixel, whose scale is 0.
final class QuantizedImage: Sendable {
    let height: Int
    let width: Int
    let channels: Int
    /// Pixels from one image row to the next.
    let pitch: Int
    /// Bytes from one pixel to the next.
    let stride: Int
    let values: Buffer<UInt8>
    let scales: Buffer<Float>
    private let recycler: Recycler

    /// - Parameters:
    ///   - offset: what the tier adds to int8 values.
    ///   - group: depths that the tier reads at once.
    init(height: Int, width: Int, channels: Int, offset: UInt8, group: Int, recycler: Recycler) {
        self.height = height
        self.width = width
        self.channels = channels
        self.recycler = recycler
        pitch = width + 2
        stride = QuantizedRows.stride(columns: channels, group: group)
        values = recycler.take(count: (height + 2) * pitch * stride)
        scales = Buffer(count: (height + 2) * pitch)
        fillBorder(with: offset)
    }

    deinit {
        recycler.give(values)
    }

    private func fillBorder(with offset: UInt8) {
        for row in -1...height {
            let inside = row >= 0 && row < height
            for pixel in Swift.stride(from: -1, through: width, by: inside ? pitch - 1 : 1) {
                let first = unsafe values.base + index(row, pixel) * stride
                unsafe first.update(repeating: offset, count: stride)
            }
        }
    }

    /// Where a pixel stands among `scales`; the border's are row and pixel -1, `height` and `width`.
    func index(_ row: Int, _ pixel: Int) -> Int { (row + 1) * pitch + pixel + 1 }

    /// For each tap the distance from the output's own pixel to the one that it reads.
    ///
    /// - Parameter parity: of the output's row and column behind upsampling.
    func tapRows(parity: (y: Int, x: Int)?) -> [Int] {
        guard let parity else {
            return (0..<9).map { ($0 / 3 - 1) * pitch + $0 % 3 - 1 }
        }
        return (0..<4).map { (parity.y - 1 + $0 / 2) * pitch + parity.x - 1 + $0 % 2 }
    }

    /// Quantizes a run of pixels of one image row; false where a value is not finite.
    func quantize(
        row: Int, pixels: Range<Int>, from x: UnsafePointer<Float>, stride xStride: Int, _ kernels: qk_tier
    ) -> Bool {
        let first = index(row, pixels.lowerBound)
        return unsafe kernels.quantize_f32_s8(
            pixels.count, channels, x, xStride, kernels.activation_offset, values.base + first * stride,
            stride, scales.base + first)
    }
}

extension Compute {
    /// Memory for an image in int8; all but its border holds any values.
    func quantizedImage(height: Int, width: Int, channels: Int) -> QuantizedImage {
        QuantizedImage(
            height: height, width: width, channels: channels, offset: unsafe kernels.activation_offset,
            group: unsafe kernels.depth_group, recycler: recycler)
    }

    /// An image in int8.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`.
    func quantized(
        _ x: Matrix, height: Int, width: Int, layer: @autoclosure () -> String
    ) throws(ActivationError) -> QuantizedImage {
        let kernels = unsafe kernels
        let image = quantizedImage(height: height, width: width, channels: x.columns)
        let all = SharedFlag()
        parallel(height) { row in
            let finite = unsafe image.quantize(
                row: row, pixels: 0..<width, from: x.pointer(row: row * width), stride: x.stride, kernels)
            if !finite { all.clear() }
        }
        guard all.isSet else { throw .notFinite(layer: layer()) }
        return image
    }
}
