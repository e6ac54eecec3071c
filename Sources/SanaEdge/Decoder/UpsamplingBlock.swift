/// Doubles a picture's sides: nearest upsampling and a convolution, or a convolution and pixel shuffling, beside a
/// shortcut that repeats channels (DC-AE, arXiv 2410.10733 §3.2).
struct UpsamplingBlock {
    let convolution: Convolution
    /// How often each input channel stands in the shortcut; nil where there is none.
    let repeats: Int?
    /// The convolution, where it is int8 and stands behind nearest upsampling.
    private let quantized: QuantizedConvolution?

    init(_ name: String, from: Int, to: Int, interpolates: Bool, shortcut: Bool, loader: WeightLoader) throws
    {
        convolution = try loader.convolution("\(name).conv", bias: true, upsamples: interpolates)
        repeats = shortcut ? 4 * to / from : nil
        quantized = interpolates ? QuantizedConvolution(convolution) : nil
    }

    /// The layer that reads the block's input in int8.
    var quantizingLayer: Convolution? { quantized == nil ? nil : convolution }

    /// (height · width, from) to (2 height · 2 width, to).
    ///
    /// - Parameter next: the layer that reads the result in int8.
    func callAsFunction(_ image: DecoderImage, next: Convolution?, compute: Compute) throws -> DecoderImage {
        try compute.measured("upsampling") {
            guard let quantized else { return try upsampleInFloat(image, compute: compute) }
            var image = image
            let input = try image.quantized(for: convolution, compute)
            let (height, width) = (2 * image.height, 2 * image.width)
            var output = DecoderImage(
                Matrix(rows: height * width, columns: convolution.outputs), height: height, width: width)
            if next != nil {
                output.quantized = compute.quantizedImage(
                    height: height, width: width, channels: convolution.outputs)
            }
            try compute.upsamplingConvolution(
                input, quantized, shortcut: image.x, repeats: repeats, into: output.x,
                quantizedInto: output.quantized, layer: next?.name ?? "")
            return output
        }
    }

    private func upsampleInFloat(_ image: DecoderImage, compute: Compute) throws -> DecoderImage {
        let (x, height, width) = (image.x, image.height, image.width)
        var y = try compute.convolution(x, height: height, width: width, convolution)
        if !convolution.weight.upsamples {
            let shuffled = Matrix(rows: 4 * y.rows, columns: y.columns / 4)
            compute.pixelShuffle(y, height: height, width: width, into: shuffled)
            y = shuffled
        }
        if let repeats {
            compute.addUpsampleShortcut(x, height: height, width: width, repeats: repeats, into: y)
        }
        return DecoderImage(y, height: 2 * height, width: 2 * width)
    }
}
