import SanaModel

/// Doubles a picture's sides: nearest upsampling and a convolution, or a convolution and pixel shuffling, beside a
/// shortcut that repeats channels (DC-AE, arXiv 2410.10733 §3.2).
struct UpsamplingBlock {
    let convolution: Convolution
    /// How often each input channel stands in the shortcut; nil where there is none.
    let repeats: Int?

    init(_ name: String, from: Int, to: Int, interpolates: Bool, shortcut: Bool, loader: WeightLoader) throws
    {
        convolution = try loader.convolution("\(name).conv", bias: true, upsamples: interpolates)
        repeats = shortcut ? 4 * to / from : nil
    }

    /// The one that a stage begins with.
    init(_ stage: DecoderConfig.Stage, _ config: DecoderConfig, loader: WeightLoader) throws {
        try self.init(
            "decoder.up_blocks.\(stage.index).0", from: stage.upsamplesFrom ?? stage.channels,
            to: stage.channels, interpolates: config.interpolates, shortcut: true, loader: loader)
    }

    /// (height · width, from) to (2 height · 2 width, to).
    func callAsFunction(_ image: DecoderImage, compute: Compute) throws -> DecoderImage {
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
        return DecoderImage(x: y, height: 2 * height, width: 2 * width)
    }
}
