import SanaEdge
import TestSupport
import Testing

@Suite struct ConvolutionTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let height: Int
        let width: Int
        let inputs: Int
        let outputs: Int
        var testDescription: String { "\(height) x \(width), \(inputs) to \(outputs)" }
    }

    static let shapes = [
        Shape(height: 1, width: 1, inputs: 1, outputs: 1), Shape(height: 1, width: 5, inputs: 3, outputs: 4),
        Shape(height: 6, width: 1, inputs: 4, outputs: 65),
        Shape(height: 5, width: 7, inputs: 33, outputs: 20),
        Shape(height: 3, width: 300, inputs: 5, outputs: 3),
        Shape(height: 9, width: 64, inputs: 16, outputs: 64),
        Shape(height: 2, width: 90, inputs: 40, outputs: 130),
    ]

    /// The pixel that a tap of an output pixel reads, in an image that may be upsampled by two.
    static func source(_ s: Shape, upsamples: Bool, _ pixel: Int, _ tap: Int) -> Int? {
        let factor = upsamples ? 2 : 1
        let row = pixel / (s.width * factor) + tap / 3 - 1
        let column = pixel % (s.width * factor) + tap % 3 - 1
        guard (0..<s.height * factor).contains(row), (0..<s.width * factor).contains(column) else {
            return nil
        }
        return row / factor * s.width + column / factor
    }

    @Test(arguments: shapes, [false, true])
    func floatConvolutionSumsNineTaps(s: Shape, upsamples: Bool) throws {
        var samples = Samples(s.width)
        let compute = Compute(threads: 2, tier: .fastest)
        let x = samples.view(s.height * s.width, s.inputs)
        let (values, bias) = (samples.floats(s.outputs * 9 * s.inputs), samples.floats(s.outputs))
        let y = samples.view(s.height * s.width * (upsamples ? 4 : 1), s.outputs)
        let weight = ConvolutionWeight(
            inputs: s.inputs, outputs: s.outputs, upsamples: upsamples, f32: Buffer(values))
        try compute.convolution(
            x, height: s.height, width: s.width, weight, bias: Buffer(bias), into: y, layer: "layer")
        let input = x.doubles
        let expected = (0..<y.rows * s.outputs).map { index in
            let (pixel, output) = (index / s.outputs, index % s.outputs)
            var sum = Double(bias[output])
            for tap in 0..<9 {
                guard let source = Self.source(s, upsamples: upsamples, pixel, tap) else { continue }
                for i in 0..<s.inputs {
                    sum += input[source * s.inputs + i] * Double(values[(output * 9 + tap) * s.inputs + i])
                }
            }
            return sum
        }
        #expect(distance(y.array, expected) < 1e-5)
    }

    @Test(arguments: shapes)
    func int8ConvolutionMultipliesEachTapByItsPixelsScale(s: Shape) throws {
        var samples = Samples(s.width)
        let x = samples.view(s.height * s.width, s.inputs)
        let bias = samples.floats(s.outputs)
        let (values, scales) = samples.quantized(s.outputs, 9 * s.inputs)
        var (q, pixelScales): ([Int8], [Float]) = ([], [])
        #expect(
            RowQuantizer.quantize(x.array, rows: x.rows, columns: s.inputs, into: &q, scales: &pixelScales))
        let w = values.array
        let expected = (0..<x.rows * s.outputs).map { index in
            let (pixel, output) = (index / s.outputs, index % s.outputs)
            var total: Float = 0
            for tap in 0..<9 {
                guard let source = Self.source(s, upsamples: false, pixel, tap) else { continue }
                let sum = (0..<s.inputs).reduce(Int32(0)) {
                    $0 + Int32(q[source * s.inputs + $1]) * Int32(w[(output * 9 + tap) * s.inputs + $1])
                }
                total.addProduct(Float(sum), pixelScales[source])
            }
            return bias[output].addingProduct(total, scales[output])
        }
        for tier in Tier.tested {
            let compute = Compute(threads: 2, tier: tier)
            let weight = compute.convolutionWeight(
                inputs: s.inputs, outputs: s.outputs, upsamples: false, w8a8: values, scales: scales)
            let y = samples.view(x.rows, s.outputs)
            try compute.convolution(
                x, height: s.height, width: s.width, weight, bias: Buffer(bias), into: y, layer: "layer")
            let isSame = y.array == expected
            #expect(isSame, "\(tier.name)")
        }
    }

    @Test(arguments: shapes)
    func int8UpsamplingConvolutionUsesTheKernelOfEachParity(s: Shape) throws {
        var samples = Samples(s.width)
        let x = samples.view(s.height * s.width, s.inputs)
        let bias = samples.floats(s.outputs)
        let (values, scales) = samples.quantized(4 * s.outputs, 4 * s.inputs)
        var (q, pixelScales): ([Int8], [Float]) = ([], [])
        #expect(
            RowQuantizer.quantize(x.array, rows: x.rows, columns: s.inputs, into: &q, scales: &pixelScales))
        let w = values.array
        let expected = (0..<4 * x.rows * s.outputs).map { index in
            let (pixel, output) = (index / s.outputs, index % s.outputs)
            let (row, column) = (pixel / (2 * s.width), pixel % (2 * s.width))
            let weightRow = (2 * (row % 2) + column % 2) * s.outputs + output
            var total: Float = 0
            for tap in 0..<4 {
                let (y, x) = (row / 2 + row % 2 - 1 + tap / 2, column / 2 + column % 2 - 1 + tap % 2)
                guard (0..<s.height).contains(y), (0..<s.width).contains(x) else { continue }
                let source = y * s.width + x
                let sum = (0..<s.inputs).reduce(Int32(0)) {
                    $0 + Int32(q[source * s.inputs + $1]) * Int32(w[(weightRow * 4 + tap) * s.inputs + $1])
                }
                total.addProduct(Float(sum), pixelScales[source])
            }
            return bias[output].addingProduct(total, scales[weightRow])
        }
        for tier in Tier.tested {
            let compute = Compute(threads: 2, tier: tier)
            let weight = compute.convolutionWeight(
                inputs: s.inputs, outputs: s.outputs, upsamples: true, w8a8: values, scales: scales)
            let y = samples.view(4 * x.rows, s.outputs)
            try compute.convolution(
                x, height: s.height, width: s.width, weight, bias: Buffer(bias), into: y, layer: "layer")
            let isSame = y.array == expected
            #expect(isSame, "\(tier.name)")
        }
    }

    /// Folding the nine taps into 2x2 on each parity must be what upsampling and then convolving gives.
    @Test func int8UpsamplingConvolutionAgreesWithTheFloatOne() throws {
        let s = Shape(height: 6, width: 8, inputs: 16, outputs: 12)
        var samples = Samples(9)
        let compute = Compute(threads: 2, tier: .fastest)
        let x = samples.matrix(s.height * s.width, s.inputs)
        let values = samples.floats(s.outputs * 9 * s.inputs)
        var folded = [Float](repeating: 0, count: 16 * s.outputs * s.inputs)
        for parity in 0..<4 {
            for output in 0..<s.outputs {
                for tap in 0..<9 {
                    // Output row 2 i + p reads the upsampled row 2 i + p + ky - 1, which is row i + (p + ky - 1) >> 1.
                    let ty = ((parity / 2 + tap / 3 - 1) >> 1) + 1 - parity / 2
                    let tx = ((parity % 2 + tap % 3 - 1) >> 1) + 1 - parity % 2
                    for i in 0..<s.inputs {
                        let row = parity * s.outputs + output
                        folded[(row * 4 + 2 * ty + tx) * s.inputs + i] +=
                            values[(output * 9 + tap) * s.inputs + i]
                    }
                }
            }
        }
        var (q, scales): ([Int8], [Float]) = ([], [])
        #expect(
            RowQuantizer.quantize(
                folded, rows: 4 * s.outputs, columns: 4 * s.inputs, into: &q, scales: &scales))
        let int8 = compute.convolutionWeight(
            inputs: s.inputs, outputs: s.outputs, upsamples: true, w8a8: Buffer(q), scales: Buffer(scales))
        let float = ConvolutionWeight(
            inputs: s.inputs, outputs: s.outputs, upsamples: true, f32: Buffer(values))
        let (a, b) = (
            Matrix(rows: 4 * x.rows, columns: s.outputs), Matrix(rows: 4 * x.rows, columns: s.outputs)
        )
        try compute.convolution(x, height: s.height, width: s.width, int8, bias: nil, into: a, layer: "layer")
        try compute.convolution(
            x, height: s.height, width: s.width, float, bias: nil, into: b, layer: "layer")
        #expect(distance(a.array, b.doubles) < 0.02)
    }

    @Test func pixelThatIsNotFiniteNamesItsLayer() throws {
        var samples = Samples(10)
        let compute = Compute(threads: 2, tier: .fastest)
        let x = samples.matrix(20, 8)
        x[19, 7] = .nan
        let (values, scales) = samples.quantized(4, 72)
        let weight = compute.convolutionWeight(
            inputs: 8, outputs: 4, upsamples: false, w8a8: values, scales: scales)
        #expect(throws: ActivationError.self) {
            try compute.convolution(
                x, height: 4, width: 5, weight, bias: nil, into: Matrix(rows: 20, columns: 4),
                layer: "vae.conv")
        }
    }

    /// What a decoder that works in bands of image rows relies on.
    @Test(arguments: [(40, 64), (12, 128), (9, 300)])
    func bandsOfWholeSlicesGiveTheImagesNumbers(height: Int, width: Int) throws {
        var samples = Samples(width)
        let compute = Compute(threads: 1, tier: .fastest)
        let x = samples.matrix(height * width, 24)
        let weight = ConvolutionWeight(
            inputs: 24, outputs: 40, upsamples: false, f32: samples.buffer(40 * 9 * 24))
        let whole = Matrix(rows: height * width, columns: 40)
        try compute.convolution(
            x, height: height, width: width, weight, bias: nil, into: whole, layer: "layer")
        let step = Compute.sliceImageRows(outputWidth: width)
        let first = 2 * step
        let band = x.rows(first * width..<height * width)
        let y = Matrix(rows: band.rows, columns: 40)
        try compute.convolution(
            band, height: height - first, width: width, weight, bias: nil, into: y, layer: "layer")
        let inner = step * width..<band.rows
        #expect(y.rows(inner).array == whole.rows(inner.lowerBound + first * width..<height * width).array)
    }
}
