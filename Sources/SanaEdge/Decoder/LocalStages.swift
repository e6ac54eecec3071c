import SanaModel

/// The last stages of a decoder, where each pixel depends on few neighbours: int8 upsampling and residual blocks, then
/// the pixels themselves.
///
/// All layers run side by side, each some rows behind the one before it, and each image is there only as far as the
/// layers behind it still read it: what a row becomes stays in the caches, and memory does not grow with the
/// picture's height. The numbers are those of layer after layer.
package struct LocalStages {
    struct Stage {
        let upsampling: UpsamplingBlock
        let blocks: [ResidualBlock]
    }

    private let stages: [Stage]
    private let norm: RMSNorm
    private let activation: Activation
    private let pixels: PixelConvolution
    private let bandRows: Int

    /// Rows of the first stage's input that are read at once, unless memory is short.
    package static let bandRows = 4

    /// Rows of a stage's image that are there at a time: a band, one row for each layer that is behind the one before
    /// it, the reader behind the stage among them, a neighbour above and the border below.
    ///
    /// - Parameter bandRows: rows of the stage's image that come at once.
    static func heldRows(bandRows: Int, blocks: Int) -> Int { bandRows + 2 * blocks + 1 + 2 }

    /// How many stages these are.
    var count: Int { stages.count }

    /// The first of a decoder's last stages that are of this kind; nil where the very last is not.
    ///
    /// - Parameter scheme: of the tensor of a name, without the component.
    static func first(_ config: DecoderConfig, scheme: (String) -> Scheme?) -> Int? {
        func isInt8(_ name: String) -> Bool { scheme("decoder.\(name).weight") == .w8a8 }
        guard !config.outUpsamples, !isInt8("conv_out"),
            config.imageChannels <= PixelConvolution.mostOutputs
        else { return nil }
        let count = config.stages.reversed().prefix { stage in
            let name = "up_blocks.\(stage.index)"
            let blocks = (0..<stage.blocks).flatMap {
                ["\(name).\($0 + 1).conv1", "\(name).\($0 + 1).conv2"]
            }
            return stage.upsamplesFrom != nil && config.interpolates
                && (stage.type == .residual || stage.blocks == 0)
                && (["\(name).0.conv"] + blocks).allSatisfy(isInt8)
        }.count
        return count == 0 ? nil : config.stages.count - count
    }

    /// - Parameters:
    ///   - first: the first stage, as `first` finds it.
    ///   - bandRows: rows of that stage's input that are read at once.
    init(_ config: DecoderConfig, from first: Int, bandRows: Int, loader: WeightLoader) throws {
        stages = try config.stages[first...].map { stage in
            Stage(
                upsampling: try UpsamplingBlock(stage, config, loader: loader),
                blocks: try (0..<stage.blocks).map { block in
                    try ResidualBlock(
                        "decoder.up_blocks.\(stage.index).\(block + 1)",
                        activation: .init(stage.activation), loader: loader)
                })
        }
        norm = try loader.decoderNorm("decoder.norm_out")
        activation = .init(config.outActivation)
        pixels = try loader.pixelConvolution("decoder.conv_out")
        self.bandRows = bandRows
    }

    /// The picture of an image, row by row.
    ///
    /// - Parameters:
    ///   - deliver: takes the next rows, whole ones.
    ///   - step: is told of each band how many rows there are and how many are done.
    func callAsFunction(
        _ image: DecoderImage, _ compute: Compute, deliver: @escaping (Matrix) throws -> Void,
        step: (Int, Int) throws -> Void
    ) throws {
        var layers: [BandLayer] = []
        var x = HeldImage(image.x, height: image.height, width: image.width)
        var quantized = try compute.quantized(
            image.x, height: image.height, width: image.width, layer: stages[0].upsampling.convolution.name)
        var bandRows = bandRows
        for (index, stage) in stages.enumerated() {
            let next = index + 1 < stages.count ? stages[index + 1].upsampling.convolution : nil
            let run = StageRun(stage, x, quantized, next: next, bandRows: 2 * bandRows, compute)
            layers += run.layers(bandRows: bandRows)
            (x, quantized) = (run.x, run.quantized)
            bandRows *= 2
        }
        let picture = Matrix(rows: bandRows * x.width, columns: pixels.outputs)
        let last = x
        layers.append(
            BandLayer(height: x.height, bandRows: bandRows, factor: 1) { rows in
                let band = picture.rows(0..<rows.count * last.width)
                compute.measured("output") {
                    compute.compute(
                        pixels, rows: rows, of: last, normalizedBy: norm, activation, into: band)
                }
                try deliver(band)
            })
        for first in stride(from: 0, to: Int.max, by: self.bandRows) {
            var available = min(first + self.bandRows, image.height)
            for layer in layers { available = try layer.advance(to: available) }
            try step(available, last.height)
            if available == last.height { break }
        }
    }
}

/// A layer that computes the rows whose neighbours are there.
private final class BandLayer {
    /// Rows of the image that it reads.
    let height: Int
    /// Rows of it that are read at most at once.
    let bandRows: Int
    /// Rows that one row becomes.
    let factor: Int
    private var done = 0
    private let run: (Range<Int>) throws -> Void

    init(height: Int, bandRows: Int, factor: Int, run: @escaping (Range<Int>) throws -> Void) {
        (self.height, self.bandRows, self.factor, self.run) = (height, bandRows, factor, run)
    }

    /// Reads on, where the rows up to `available` are there; how many rows it has made so far.
    func advance(to available: Int) throws -> Int {
        let end = min(available == height ? height : available - 1, done + bandRows)
        if end > done {
            try run(done..<end)
            done = end
        }
        return factor * done
    }
}

/// A stage's images and layers in one run.
private struct StageRun {
    let stage: LocalStages.Stage
    let source: (x: HeldImage, quantized: QuantizedImage)
    let x: HeldImage
    let quantized: QuantizedImage
    private let hidden: QuantizedImage
    /// What reads the stage's image in int8; nil where that is read in floats.
    private let next: Convolution?
    private let compute: Compute

    /// - Parameter bandRows: rows of the stage's image that come at once.
    init(
        _ stage: LocalStages.Stage, _ x: HeldImage, _ quantized: QuantizedImage, next: Convolution?,
        bandRows: Int, _ compute: Compute
    ) {
        self.stage = stage
        source = (x, quantized)
        (self.next, self.compute) = (next, compute)
        let (height, width, channels) = (2 * x.height, 2 * x.width, stage.upsampling.convolution.outputs)
        let heldRows = LocalStages.heldRows(bandRows: bandRows, blocks: stage.blocks.count)
        self.x = HeldImage(height: height, width: width, channels: channels, heldRows: heldRows)
        self.quantized = compute.quantizedImage(
            height: height, width: width, channels: channels, heldRows: heldRows)
        hidden = compute.quantizedImage(
            height: height, width: width, channels: channels, heldRows: heldRows)
    }

    /// - Parameter bandRows: rows of the image before it is upsampled that are read at once.
    func layers(bandRows: Int) -> [BandLayer] {
        [upsampling(bandRows)]
            + stage.blocks.indices.flatMap { [first($0, 2 * bandRows), second($0, 2 * bandRows)] }
    }

    private func upsampling(_ bandRows: Int) -> BandLayer {
        let block = stage.upsampling
        let reader = stage.blocks.first?.conv1 ?? next
        let convolution = compute.blockConvolution(source.quantized, block.convolution)
        return BandLayer(height: source.x.height, bandRows: bandRows, factor: 2) { rows in
            try compute.measured("upsampling") {
                try compute.compute(
                    convolution, rows: rows, shortcut: source.x, repeats: block.repeats, into: x,
                    quantizedInto: reader == nil ? nil : quantized, layer: reader?.name ?? "")
            }
        }
    }

    /// A block's first convolution.
    private func first(_ index: Int, _ bandRows: Int) -> BandLayer {
        let block = stage.blocks[index]
        let convolution = compute.blockConvolution(quantized, block.conv1, block.activation)
        return BandLayer(height: x.height, bandRows: bandRows, factor: 1) { rows in
            try compute.measured("convolution") {
                try compute.compute(convolution, rows: rows, into: hidden, layer: block.conv2.name)
            }
        }
    }

    /// A block's second convolution.
    private func second(_ index: Int, _ bandRows: Int) -> BandLayer {
        let block = stage.blocks[index]
        let reader = index + 1 < stage.blocks.count ? stage.blocks[index + 1].conv1 : next
        let convolution = compute.blockConvolution(hidden, block.conv2)
        return BandLayer(height: x.height, bandRows: bandRows, factor: 1) { rows in
            try compute.measured("convolution") {
                try compute.compute(
                    convolution, rows: rows, block.norm, addedTo: x,
                    quantizedInto: reader == nil ? nil : quantized, layer: reader?.name ?? "")
            }
        }
    }
}
