import SanaModel
import SanaQuant
import Testing

@Suite struct WeightLayoutTests {
    struct Shape: Sendable {
        let outputs, inputs, height, width: Int
    }

    @Test(arguments: [
        Shape(outputs: 1, inputs: 1, height: 1, width: 1),
        Shape(outputs: 2, inputs: 3, height: 3, width: 5),
        Shape(outputs: 5, inputs: 4, height: 4, width: 2),
    ])
    func foldedKernelsEqualUpsamplingAndConvolution(shape: Shape) {
        let (outputs, inputs) = (shape.outputs, shape.inputs)
        let picture = Picture(
            channels: inputs, height: shape.height, width: shape.width,
            values: noise(inputs * shape.height * shape.width, seed: 1))
        let weight = noise(outputs * inputs * 9, seed: 2)
        let expected = picture.enlarged().convolved(with: weight, outputs: outputs)

        let spec = TensorSpec(.decoder, "conv.weight", [outputs, inputs, 3, 3], .upsamplingConvolution)
        let layout = WeightLayout(spec, .w8a8)
        var folded: [Float] = []  // (4 out, 4 in)
        for run in layout.runs(0..<4 * outputs) {
            let elements = run.source.lowerBound * 9 * inputs..<run.source.upperBound * 9 * inputs
            folded += layout.arrange(Array(weight[elements]), run)
        }
        #expect(folded.count == 16 * outputs * inputs)

        for o in 0..<outputs {
            for y in 0..<2 * shape.height {
                for x in 0..<2 * shape.width {
                    let (py, px) = (y % 2, x % 2)
                    let row = (2 * py + px) * outputs + o
                    var sum: Float = 0
                    for ty in 0..<2 {
                        for tx in 0..<2 {
                            for i in 0..<inputs {
                                let pixel = picture[i, y / 2 + ty - 1 + py, x / 2 + tx - 1 + px]
                                sum += pixel * folded[row * 4 * inputs + (2 * ty + tx) * inputs + i]
                            }
                        }
                    }
                    #expect(abs(sum - expected[o, y, x]) < 1e-5)
                }
            }
        }
    }

    @Test func tapMajorPutsChannelsInnermost() {
        let spec = TensorSpec(.decoder, "conv.weight", [2, 3, 3, 3], .convolution)
        let layout = WeightLayout(spec, .w8a8)
        let source = (0..<54).map(Float.init)
        let arranged = layout.arrange(source, layout.runs(0..<2)[0])
        for o in 0..<2 {
            for i in 0..<3 {
                for tap in 0..<9 { #expect(arranged[o * 27 + tap * 3 + i] == source[(o * 3 + i) * 9 + tap]) }
            }
        }
    }

    @Test func runsOfFoldedRowsEndWhereAParityEnds() {
        let layout = WeightLayout.folded(outputs: 5, inputs: 2)
        let runs = layout.runs(3..<17)
        #expect(runs.map(\.parity) == [0, 1, 2, 3])
        #expect(runs.map(\.source) == [3..<5, 0..<5, 0..<5, 0..<2])
    }

    @Test func upsamplingConvolutionThatIsKeptIsNotFolded() {
        let spec = TensorSpec(.decoder, "conv.weight", [2, 3, 3, 3], .upsamplingConvolution)
        #expect(WeightLayout(spec, .f16) == .tapMajor(inputs: 3))
        #expect(WeightLayout(spec, .w8a8) == .folded(outputs: 2, inputs: 3))
    }
}

/// Numbers in -0.5 ..< 0.5, the same on every run.
func noise(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 24) - 0.5
    }
}

/// Channels first, zeros outside.
private struct Picture {
    let channels, height, width: Int
    var values: [Float]

    subscript(channel: Int, y: Int, x: Int) -> Float {
        guard (0..<height).contains(y), (0..<width).contains(x) else { return 0 }
        return values[(channel * height + y) * width + x]
    }

    /// Nearest, by two.
    func enlarged() -> Picture {
        var result = Picture(channels: channels, height: 2 * height, width: 2 * width, values: [])
        for channel in 0..<channels {
            for y in 0..<2 * height {
                for x in 0..<2 * width { result.values.append(self[channel, y / 2, x / 2]) }
            }
        }
        return result
    }

    /// `weight` [out, in, 3, 3], padding 1.
    func convolved(with weight: [Float], outputs: Int) -> Picture {
        var result = Picture(channels: outputs, height: height, width: width, values: [])
        for o in 0..<outputs {
            for y in 0..<height {
                for x in 0..<width {
                    var sum: Float = 0
                    for i in 0..<channels {
                        for tap in 0..<9 {
                            let pixel = self[i, y + tap / 3 - 1, x + tap % 3 - 1]
                            sum += pixel * weight[(o * channels + i) * 9 + tap]
                        }
                    }
                    result.values.append(sum)
                }
            }
        }
        return result
    }
}
