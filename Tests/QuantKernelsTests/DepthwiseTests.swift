import QuantKernels
import Testing

@Suite struct DepthwiseTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let height: Int
        let width: Int
        let channels: Int
        let kernel: Int
        var testDescription: String { "\(height) x \(width) x \(channels), \(kernel)" }
    }

    static let shapes = [
        Shape(height: 1, width: 1, channels: 1, kernel: 3),
        Shape(height: 1, width: 9, channels: 16, kernel: 3),
        Shape(height: 9, width: 1, channels: 17, kernel: 3),
        Shape(height: 2, width: 2, channels: 32, kernel: 3),
        Shape(height: 3, width: 3, channels: 16, kernel: 3),
        Shape(height: 5, width: 12, channels: 35, kernel: 3),
        Shape(height: 4, width: 7, channels: 20, kernel: 5),
        Shape(height: 3, width: 3, channels: 5, kernel: 7),
    ]

    static func exact(_ s: Shape, channels: Int, _ x: [Float], _ weight: [Float], _ bias: [Float]?) -> [Float]
    {
        var y = [Float](repeating: 0, count: s.height * s.width * channels)
        let pad = s.kernel / 2
        for index in y.indices {
            let (pixel, channel) = (index / channels, index % channels)
            var total = bias?[channel] ?? 0
            for tap in 0..<s.kernel * s.kernel {
                let row = pixel / s.width + tap / s.kernel - pad
                let column = pixel % s.width + tap % s.kernel - pad
                guard (0..<s.height).contains(row), (0..<s.width).contains(column) else { continue }
                total.addProduct(
                    x[(row * s.width + column) * channels + channel], weight[tap * channels + channel])
            }
            y[index] = total
        }
        return y
    }

    /// Runs the whole image in parts of 2 rows and 16 channels.
    static func run(
        _ s: Shape, gated: Bool, _ x: [Float], _ weight: [Float], _ bias: [Float]?, _ tier: KernelTier,
        _ edge: Edge
    ) -> [Float] {
        let (source, weights) = (GuardedMemory(x, edge), GuardedMemory(weight, edge))
        let biases = bias.map { GuardedMemory($0, edge) }
        let y = GuardedMemory([Float](repeating: 9, count: s.height * s.width * s.channels), edge)
        defer { extendLifetime((source, weights, biases)) }
        var job = unsafe qk_depthwise(
            height: s.height, width: s.width, channels: s.channels, kernel: s.kernel, x: source.base,
            x_stride: gated ? 2 * s.channels : s.channels, x_row: 0, weight: weights.base,
            weight_stride: gated ? 2 * s.channels : s.channels,
            bias: biases.map { unsafe UnsafePointer($0.base) }, x_gates: s.channels, weight_gates: s.channels,
            y: y.base, y_stride: s.channels)
        for row in stride(from: 0, to: s.height, by: 2) {
            for channel in stride(from: 0, to: s.channels, by: 16) {
                var part = qk_depthwise_part(
                    first_row: row, rows: min(2, s.height - row), first_channel: channel,
                    channels: min(16, s.channels - channel))
                if gated {
                    unsafe tier.kernels.gated_depthwise_f32(&job, &part)
                } else {
                    unsafe tier.kernels.depthwise_f32(&job, &part)
                }
            }
        }
        return y.array
    }

    @Test(arguments: shapes, [false, true])
    func tapsOutsideTheImageAreLeftOut(shape: Shape, biased: Bool) {
        var numbers = Numbers(seed: shape.width)
        let x = numbers.floats(shape.height * shape.width * shape.channels)
        let weight = numbers.floats(shape.kernel * shape.kernel * shape.channels)
        let bias = biased ? numbers.floats(shape.channels) : nil
        let y = onEveryTier { Self.run(shape, gated: false, x, weight, bias, $0, $1) }
        let isSame = y.bits == Self.exact(shape, channels: shape.channels, x, weight, bias).bits
        #expect(isSame)
    }

    @Test(arguments: shapes.filter { $0.kernel == 3 })
    func gateIsTheSecondHalf(shape: Shape) {
        var numbers = Numbers(seed: shape.width)
        let channels = shape.channels
        let x = numbers.floats(shape.height * shape.width * 2 * channels)
        let (weight, bias) = (numbers.floats(9 * 2 * channels), numbers.floats(2 * channels))
        let y = onEveryTier { Self.run(shape, gated: true, x, weight, bias, $0, $1) }
        let both = Self.exact(shape, channels: 2 * channels, x, weight, bias)
        let expected = y.indices.map { index in
            let first = index / channels * 2 * channels + index % channels
            return Double(both[first])
                * ActivationTests.exact(QK_ACTIVATION_SILU, Double(both[first + channels]))
        }
        expectClose(y, expected, 1e-6)
    }
}
