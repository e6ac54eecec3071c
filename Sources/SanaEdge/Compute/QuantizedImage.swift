import QuantKernels

/// An image in a tier's int8 form with a border of one pixel, whose scale is 0; whole, or as many rows of it as an
/// operation behind still reads.
package final class QuantizedImage: Sendable {
    let height: Int
    let width: Int
    let channels: Int
    /// Rows that are there at a time, the border's counted: a row takes the place of the one so many rows above.
    let heldRows: Int
    /// Pixels from one place of a row to the next.
    let pitch: Int
    /// Bytes from one pixel to the next.
    let stride: Int
    let values: Buffer<UInt8>
    let scales: Buffer<Float>
    private let offset: UInt8
    private let recycler: Recycler<UInt8>

    /// - Parameters:
    ///   - heldRows: at least the rows that are alive at a time, above and below the image too.
    ///   - offset: what the tier adds to int8 values.
    ///   - group: depths that the tier reads at once.
    init(
        height: Int, width: Int, channels: Int, heldRows: Int, offset: UInt8, group: Int,
        recycler: Recycler<UInt8>
    ) {
        (self.height, self.width, self.channels) = (height, width, channels)
        self.heldRows = min(heldRows, height + 2)
        (self.offset, self.recycler) = (offset, recycler)
        pitch = width + 2
        stride = QuantizedRows.stride(columns: channels, group: group)
        values = recycler.take(count: self.heldRows * pitch * stride)
        scales = Buffer(count: self.heldRows * pitch)
        for row in 0..<self.heldRows {
            clear(row * pitch)
            clear(row * pitch + pitch - 1)
        }
        clearRow(-1)
    }

    deinit {
        recycler.give(values)
    }

    /// Writes the border below the image, whose rows are all there.
    func close() { clearRow(height) }

    private func clearRow(_ row: Int) {
        for pixel in -1...width { clear(index(row, pixel)) }
    }

    private func clear(_ pixel: Int) {
        scales[pixel] = 0
        unsafe (values.base + pixel * stride).update(repeating: offset, count: stride)
    }

    /// Where a pixel stands; the border's are row and pixel -1, `height` and `width`.
    func index(_ row: Int, _ pixel: Int) -> Int { place(row) * pitch + pixel + 1 }

    private func place(_ row: Int) -> Int { (row + 1) % heldRows }

    /// For each place of a row and each tap the distance from the output's own pixel to the one that it reads.
    ///
    /// - Parameter parity: of the output's row and column behind upsampling.
    func tapRows(parity: (y: Int, x: Int)?) -> [Int] {
        (-1..<heldRows - 1).flatMap { row in
            func distance(_ y: Int, _ x: Int) -> Int {
                (place(row + y + heldRows) - place(row)) * pitch + x
            }
            guard let parity else { return (0..<9).map { distance($0 / 3 - 1, $0 % 3 - 1) } }
            return (0..<4).map { distance(parity.y - 1 + $0 / 2, parity.x - 1 + $0 % 2) }
        }
    }

    /// Where a row's taps begin in `tapRows`.
    func firstTap(row: Int, of taps: Int) -> Int { place(row) * taps }

    /// Quantizes a run of pixels of one row; false where a value is not finite.
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
    /// Memory for an image in int8, or for some rows of it; all but the border holds any values.
    package func quantizedImage(
        height: Int, width: Int, channels: Int, heldRows: Int = .max
    ) -> QuantizedImage {
        unsafe QuantizedImage(
            height: height, width: width, channels: channels, heldRows: heldRows,
            offset: kernels.activation_offset, group: kernels.depth_group, recycler: recycler)
    }

    /// An image in int8.
    ///
    /// - Throws: `ActivationError.notFinite`, which names `layer`.
    package func quantized(
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
        image.close()
        guard all.isSet else { throw .notFinite(layer: layer()) }
        return image
    }
}
