import QuantKernels

/// The first three steps of Mix-FFN, GLUMBConv in checkpoints (Sana, arXiv 2410.10629 §2.2; DC-AE, arXiv 2410.10733):
/// a 1x1 convolution to twice the hidden channels and SiLU, a depthwise 3x3 convolution, and the first half of the
/// channels, the values, times SiLU of the second half, the gates.
struct GatedConvolution: Sendable {
    let value: Linear  // (hidden, width)
    let gate: Linear  // (hidden, width)
    let depthWeight: Buffer<Float>  // (9, 2 hidden)
    let depthBias: Buffer<Float>  // (2 hidden)

    var hidden: Int { value.outputs }
    var weights: [Weight] { [value.weight, gate.weight] }
}

extension Compute {
    /// The hidden channels of images, as the operand of the projection behind them.
    ///
    /// In int8 a part of the work is a slice of channels, values and their gates, which stays in a core's cache: the
    /// expanded image is never in memory whole.
    ///
    /// - Parameters:
    ///   - x: (images · height · width, width), made for the convolution's weights
    ///   - next: the weight of the projection, (out, hidden)
    ///   - scratch: memory that lasts from one call to the next
    func gatedConvolution(
        _ x: Operand, _ convolution: GatedConvolution, images: Int, height: Int, width: Int,
        for next: Linear, scratch: GatedConvolutionScratch
    ) throws(ActivationError) -> Operand {
        precondition(x.rows == images * height * width)
        if let value = convolution.value.weight.panels, let gate = convolution.gate.weight.panels,
            let rows = x.quantized, next.weight.scheme == .w8a8
        {
            let pixels = height * width
            let together = max(1, min(images, Compute.gatedFloats / max(pixels * convolution.hidden, 1)))
            let quantized = QuantizedRows(
                rows: x.rows, columns: convolution.hidden, group: unsafe kernels.depth_group,
                recycler: recycler)
            // Some images together, each of which a thread of its own can take; then their floats are quantized, and
            // make place for the next.
            for first in stride(from: 0, to: images, by: together) {
                let count = min(together, images - first)
                let job = SliceJob(
                    x: rows, firstRow: -first * height, images: count, convolution: convolution, value: value,
                    gate: gate, rows: 0..<height, height: height, width: width,
                    y: scratch.gated(rows: count * pixels, columns: convolution.hidden),
                    keepsPanels: unsafe kernels.keeps_panels)
                try run(job, into: quantized, from: first * pixels, layer: next.name)
            }
            return Operand(
                rows: x.rows, columns: convolution.hidden, floats: nil, quantized: quantized, digits: nil)
        }
        let gated = scratch.gated(rows: x.rows, columns: convolution.hidden)
        let expanded = scratch.expanded(rows: x.rows, columns: 2 * convolution.hidden)
        linear(x, convolution.value, .store(.silu), into: expanded.columns(0..<convolution.hidden))
        linear(
            x, convolution.gate, .store(.silu),
            into: expanded.columns(convolution.hidden..<2 * convolution.hidden))
        for image in 0..<images {
            let pixels = image * height * width..<(image + 1) * height * width
            gatedDepthwise(
                expanded.rows(pixels), height: height, width: width, weight: convolution.depthWeight,
                bias: convolution.depthBias, into: gated.rows(pixels))
        }
        return try operand(gated, for: [next.weight], layer: next.name)
    }

    /// Gated channels that are in memory as floats, about: 32 MB.
    static let gatedFloats = 8_000_000

    /// The hidden channels of some rows of an image, as the operand of the projection behind them. The numbers are
    /// those of the whole image.
    ///
    /// - Parameters:
    ///   - x: the image's rows from `firstRow` on, as many as the convolution of `rows` reads, made for its weights
    ///   - height: of the whole image
    ///   - next: the weight of the projection, (out, hidden)
    ///   - scratch: memory that lasts from one call to the next
    func gatedConvolution(
        _ x: Operand, firstRow: Int, _ convolution: GatedConvolution, rows: Range<Int>, height: Int,
        width: Int, for next: Linear, scratch: GatedConvolutionScratch
    ) throws(ActivationError) -> Operand {
        let gated = scratch.gated(rows: rows.count * width, columns: convolution.hidden)
        if let value = convolution.value.weight.panels, let gate = convolution.gate.weight.panels,
            let quantizedRows = x.quantized, next.weight.scheme == .w8a8
        {
            let quantized = QuantizedRows(
                rows: gated.rows, columns: gated.columns, group: unsafe kernels.depth_group,
                recycler: recycler)
            let job = SliceJob(
                x: quantizedRows, firstRow: firstRow, images: 1, convolution: convolution, value: value,
                gate: gate, rows: rows, height: height, width: width, y: gated,
                keepsPanels: unsafe kernels.keeps_panels)
            try run(job, into: quantized, from: 0, layer: next.name)
            return Operand(
                rows: gated.rows, columns: gated.columns, floats: nil, quantized: quantized, digits: nil)
        }
        let expanded = scratch.expanded(rows: x.rows, columns: 2 * convolution.hidden)
        linear(x, convolution.value, .store(.silu), into: expanded.columns(0..<convolution.hidden))
        linear(
            x, convolution.gate, .store(.silu),
            into: expanded.columns(convolution.hidden..<2 * convolution.hidden))
        gatedDepthwise(
            ImageBand(x: expanded, firstRow: firstRow, height: height, width: width), rows: rows,
            weight: convolution.depthWeight, bias: convolution.depthBias, into: gated)
        return try operand(gated, for: [next.weight], layer: next.name)
    }

    /// Computes a job's rows and quantizes them to the rows of `quantized` from `first` on.
    private func run(
        _ job: SliceJob, into quantized: QuantizedRows, from first: Int, layer: @autoclosure () -> String
    ) throws(ActivationError) {
        let gated = job.y
        unsafe parallel(job.images * job.parts, scratch: job.scratch) { index, memory in
            unsafe runSlice(job, index / job.images, image: index % job.images, memory)
        }
        let finite = allOf(rows: gated.rows, of: gated.columns) { block in
            let target = first + block.lowerBound..<first + block.upperBound
            return unsafe quantize(
                gated.pointer(row: block.lowerBound), gated.stride, target, gated.columns, into: quantized)
        }
        guard finite else { throw .notFinite(layer: layer()) }
    }

    /// One slice of one image's rows, in bands from the top down. A band's product has one image row more than what is
    /// convolved; the last two rows of a band are the first two of the next.
    private func runSlice(
        _ job: SliceJob, _ index: Int, image: Int, _ memory: UnsafeMutablePointer<Float>
    ) {
        let kernels = unsafe kernels
        let (width, lanes) = (job.width, 2 * job.channels)
        let first = index * job.channels
        let channels = first..<min(first + job.channels, job.convolution.hidden)
        let rowFloats = width * lanes
        let rows = job.rows
        // The kernel counts y's rows from the image's first.
        let y = unsafe job.y.base + (image * rows.count - rows.lowerBound) * width * job.y.stride
        var done = max(0, rows.lowerBound - 1)  // image rows that are expanded
        for top in stride(from: rows.lowerBound, to: rows.upperBound, by: job.bandRows) {
            let bottom = min(top + job.bandRows, rows.upperBound)
            // The band's memory begins with image row top - 1.
            if top > rows.lowerBound {
                unsafe memory.update(from: memory + job.bandRows * rowFloats, count: 2 * rowFloats)
            }
            let wanted = min(bottom + 1, job.height)
            unsafe expand(
                job, image: image, imageRows: done..<wanted, channels: channels,
                into: memory + (done + 1 - top) * rowFloats)
            done = wanted
            var depthwise = unsafe qk_depthwise(
                height: job.height, width: width, channels: channels.count, kernel: 3,
                x: memory, x_stride: lanes, x_row: top - 1, weight: job.convolution.depthWeight.base + first,
                weight_stride: 2 * job.convolution.hidden, bias: job.convolution.depthBias.base + first,
                x_gates: job.channels, weight_gates: job.convolution.hidden,
                y: y + first, y_stride: job.y.stride)
            var part = qk_depthwise_part(
                first_row: top, rows: bottom - top, first_channel: 0, channels: channels.count)
            unsafe kernels.gated_depthwise_f32(&depthwise, &part)
        }
    }

    /// Values and gates of some channels in some image rows, side by side.
    private func expand(
        _ job: SliceJob, image: Int, imageRows: Range<Int>, channels: Range<Int>,
        into y: UnsafeMutablePointer<Float>
    ) {
        let stride = 2 * job.channels
        let first = (image * job.height + imageRows.lowerBound - job.firstRow) * job.width
        let end = first + imageRows.count * job.width
        for row in Swift.stride(from: first, to: end, by: job.blockRows) {
            let rows = row..<min(row + job.blockRows, end)
            let target = unsafe y + (row - first) * stride
            unsafe multiplyPart(
                job.x, rows: rows, job.value, columns: channels, job.valueEpilogue, into: target,
                stride: stride)
            unsafe multiplyPart(
                job.x, rows: rows, job.gate, columns: channels, job.gateEpilogue,
                into: target + job.channels, stride: stride)
        }
    }
}

/// Memory of gated convolutions, made when it is first wanted.
final class GatedConvolutionScratch {
    private var gatedBuffer: Buffer<Float>?
    private var expandedBuffer: Buffer<Float>?

    func gated(rows: Int, columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, buffer: Self.buffer(&gatedBuffer, rows * columns))
    }

    func expanded(rows: Int, columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, buffer: Self.buffer(&expandedBuffer, rows * columns))
    }

    private static func buffer(_ buffer: inout Buffer<Float>?, _ count: Int) -> Buffer<Float> {
        if let buffer, buffer.count >= count { return buffer }
        let new = Buffer<Float>(count: count)
        buffer = new
        return new
    }
}

private struct SliceJob: Sendable {
    /// How large a slice is.
    private struct Limits {
        /// Channels, about as many.
        let channels: Int
        /// Floats of a band.
        let bandFloats: Int
        /// Rows of one product.
        let rows: Int
    }

    /// A slice has whole panels, two at least, for which the rows that come in are read once. A band takes about half of
    /// what a core's cache holds: a small core's where rows stay, a server's where panels do.
    private static let rowsStay = Limits(channels: 64, bandFloats: 65536, rows: 168)
    private static let panelsStay = Limits(
        channels: 128, bandFloats: 131072, rows: ProductParts.passingRows)

    /// Channels of a slice.
    let channels: Int
    let x: QuantizedRows
    /// The first image's row that `x` begins with; negative where rows of other images come first.
    let firstRow: Int
    let images: Int
    let convolution: GatedConvolution
    let value: Panels
    let gate: Panels
    /// The rows of each image that are wanted.
    let rows: Range<Int>
    /// Of the whole image.
    let height: Int
    let width: Int
    let y: Matrix  // (images · rows · width, hidden)
    let valueEpilogue: Epilogue
    let gateEpilogue: Epilogue
    /// Image rows that are convolved at once.
    let bandRows: Int
    /// Rows of one product.
    let blockRows: Int

    init(
        x: QuantizedRows, firstRow: Int, images: Int, convolution: GatedConvolution, value: Panels,
        gate: Panels, rows: Range<Int>, height: Int, width: Int, y: Matrix, keepsPanels: Bool
    ) {
        (self.x, self.firstRow, self.images, self.convolution) = (x, firstRow, images, convolution)
        (self.value, self.gate) = (value, gate)
        (self.rows, self.height, self.width, self.y) = (rows, height, width, y)
        func epilogue(_ layer: Linear) -> Epilogue {
            Epilogue(bias: layer.bias, output: .store(.silu), columns: layer.outputs)
        }
        valueEpilogue = epilogue(convolution.value)
        gateEpilogue = epilogue(convolution.gate)
        let limits = keepsPanels ? Self.panelsStay : Self.rowsStay
        blockRows = limits.rows
        channels = max(2, (limits.channels + value.width - 1) / value.width) * value.width
        bandRows = min(rows.count, max(2, limits.bandFloats / (width * 2 * channels) - 2))
    }

    var parts: Int { (convolution.hidden + channels - 1) / channels }
    var scratch: Int { (bandRows + 2) * width * 2 * channels }
}
