import QuantKernels

extension Compute {
    /// Depthwise convolution of an odd size, padding size / 2.
    ///
    /// - Parameters:
    ///   - x: (height · width, channels)
    ///   - weight: (kernel · kernel, channels), tap-major
    ///   - bias: (channels)
    ///   - y: (height · width, channels), other memory than `x`
    public func depthwise(
        _ x: Matrix, height: Int, width: Int, kernel: Int, weight: Buffer<Float>, bias: Buffer<Float>?,
        into y: Matrix
    ) {
        depthwise(
            ImageBand(x: x, firstRow: 0, height: height, width: width), rows: 0..<height, kernel: kernel,
            weight: weight, bias: bias, into: y)
    }

    /// Some rows of the same.
    ///
    /// - Parameters:
    ///   - x: has the rows' neighbours.
    ///   - y: (rows · width, channels), other memory than `x`
    func depthwise(
        _ x: ImageBand, rows: Range<Int>, kernel: Int, weight: Buffer<Float>, bias: Buffer<Float>?,
        into y: Matrix
    ) {
        precondition(x.x.columns == y.columns && kernel % 2 == 1)
        let job = DepthwiseJob(x, rows: rows, kernel: kernel, weight: weight, bias: bias, y: y)
        let kernels = unsafe kernels
        parallel(job.parts) { index in
            var (depthwise, part) = unsafe (job.kernel, job.part(index))
            unsafe kernels.depthwise_f32(&depthwise, &part)
        }
    }

    /// Depthwise 3x3 convolution with padding 1, then the first half of the channels ⊙ silu(second half).
    ///
    /// - Parameters:
    ///   - x: (height · width, 2 channels)
    ///   - weight: (9, 2 channels), tap-major
    ///   - bias: (2 channels)
    ///   - y: (height · width, channels), other memory than `x`
    public func gatedDepthwise(
        _ x: Matrix, height: Int, width: Int, weight: Buffer<Float>, bias: Buffer<Float>?, into y: Matrix
    ) {
        gatedDepthwise(
            ImageBand(x: x, firstRow: 0, height: height, width: width), rows: 0..<height, weight: weight,
            bias: bias, into: y)
    }

    /// Some rows of the same.
    ///
    /// - Parameters:
    ///   - x: has the rows' neighbours.
    ///   - y: (rows · width, channels), other memory than `x`
    func gatedDepthwise(
        _ x: ImageBand, rows: Range<Int>, weight: Buffer<Float>, bias: Buffer<Float>?, into y: Matrix
    ) {
        precondition(x.x.columns == 2 * y.columns)
        let job = DepthwiseJob(x, rows: rows, kernel: 3, weight: weight, bias: bias, y: y)
        let kernels = unsafe kernels
        parallel(job.parts) { index in
            var (depthwise, part) = unsafe (job.kernel, job.part(index))
            unsafe kernels.gated_depthwise_f32(&depthwise, &part)
        }
    }
}

/// Neighbouring rows of an image.
struct ImageBand: Sendable {
    let x: Matrix  // (rows · width, channels)
    /// The image's row that `x` begins with.
    let firstRow: Int
    /// Of the whole image.
    let height: Int
    let width: Int

    /// The image's rows that are here.
    var rows: Range<Int> { firstRow..<firstRow + x.rows / width }

    /// Whether a convolution of the given rows finds all neighbours that the image has.
    func holds(_ wanted: Range<Int>, halo: Int) -> Bool {
        rows.lowerBound <= max(0, wanted.lowerBound - halo)
            && rows.upperBound >= min(height, wanted.upperBound + halo)
    }
}

private struct DepthwiseJob: Sendable {
    let band: ImageBand
    let rows: Range<Int>
    let kernelSize: Int
    let weight: Buffer<Float>
    let bias: Buffer<Float>?
    let y: Matrix

    init(
        _ band: ImageBand, rows: Range<Int>, kernel: Int, weight: Buffer<Float>, bias: Buffer<Float>?,
        y: Matrix
    ) {
        precondition(band.holds(rows, halo: kernel / 2) && y.rows == rows.count * band.width)
        precondition(weight.count == kernel * kernel * band.x.columns)
        precondition(bias.map { $0.count == band.x.columns } ?? true)
        (self.band, self.rows, kernelSize, self.weight, self.bias, self.y) =
            (band, rows, kernel, weight, bias, y)
    }

    /// Few enough channels that three image rows of them stay in a core's cache, and enough rows that few are read
    /// twice.
    private static let partChannels = 128
    private static let partRows = 32

    private var channelParts: Int { (y.columns + Self.partChannels - 1) / Self.partChannels }

    var parts: Int { channelParts * ((rows.count + Self.partRows - 1) / Self.partRows) }

    func part(_ index: Int) -> qk_depthwise_part {
        let row = rows.lowerBound + index / channelParts * Self.partRows
        let channel = index % channelParts * Self.partChannels
        return qk_depthwise_part(
            first_row: row, rows: min(Self.partRows, rows.upperBound - row), first_channel: channel,
            channels: min(Self.partChannels, y.columns - channel))
    }

    var kernel: qk_depthwise {
        // The kernel counts y's rows from the image's first.
        let y0 = unsafe y.base - rows.lowerBound * band.width * y.stride
        return unsafe qk_depthwise(
            height: band.height, width: band.width, channels: y.columns, kernel: kernelSize, x: band.x.base,
            x_stride: band.x.stride, x_row: band.firstRow, weight: weight.base,
            weight_stride: band.x.columns, bias: bias.pointer, x_gates: y.columns, weight_gates: y.columns,
            y: y0, y_stride: y.stride)
    }
}
