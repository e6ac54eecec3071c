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
        precondition(x.columns == y.columns && kernel % 2 == 1)
        let job = DepthwiseJob(
            x: x, height: height, width: width, kernel: kernel, weight: weight, bias: bias, y: y)
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
        precondition(x.columns == 2 * y.columns)
        let job = DepthwiseJob(
            x: x, height: height, width: width, kernel: 3, weight: weight, bias: bias, y: y)
        let kernels = unsafe kernels
        parallel(job.parts) { index in
            var (depthwise, part) = unsafe (job.kernel, job.part(index))
            unsafe kernels.gated_depthwise_f32(&depthwise, &part)
        }
    }
}

private struct DepthwiseJob: Sendable {
    let x: Matrix
    let height: Int
    let width: Int
    let kernelSize: Int
    let weight: Buffer<Float>
    let bias: Buffer<Float>?
    let y: Matrix

    init(
        x: Matrix, height: Int, width: Int, kernel: Int, weight: Buffer<Float>, bias: Buffer<Float>?,
        y: Matrix
    ) {
        precondition(x.rows == height * width && y.rows == height * width)
        precondition(weight.count == kernel * kernel * x.columns)
        precondition(bias.map { $0.count == x.columns } ?? true)
        (self.x, self.y, self.height, self.width) = (x, y, height, width)
        (kernelSize, self.weight, self.bias) = (kernel, weight, bias)
    }

    /// Few enough channels that three image rows of them stay in a core's cache, and enough rows that few are read
    /// twice.
    private static let partChannels = 128
    private static let partRows = 32

    private var channelParts: Int { (y.columns + Self.partChannels - 1) / Self.partChannels }

    var parts: Int { channelParts * ((height + Self.partRows - 1) / Self.partRows) }

    func part(_ index: Int) -> qk_depthwise_part {
        let row = index / channelParts * Self.partRows
        let channel = index % channelParts * Self.partChannels
        return qk_depthwise_part(
            first_row: row, rows: min(Self.partRows, height - row), first_channel: channel,
            channels: min(Self.partChannels, y.columns - channel))
    }

    var kernel: qk_depthwise {
        unsafe qk_depthwise(
            height: height, width: width, channels: y.columns, kernel: kernelSize, x: x.base,
            x_stride: x.stride, x_row: 0, weight: weight.base, weight_stride: x.columns, bias: bias.pointer,
            x_gates: y.columns, weight_gates: y.columns, y: y.base, y_stride: y.stride)
    }
}
