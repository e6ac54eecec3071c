/// The last stages of a decoder, where each pixel depends on few neighbours: int8 upsampling and residual blocks, then
/// the pixels themselves.
///
/// All layers run side by side, each some rows behind the one before it, and each image is there only as far as the
/// layers behind it still read it: what a row becomes stays in the caches, and memory does not grow with the
/// picture's height. The numbers are those of layer after layer.
struct LocalStages {
    struct Stage {
        let upsampling: UpsamplingBlock
        let blocks: [ResidualBlock]
    }

    private let stages: [Stage]
    private let norm: RMSNorm
    private let activation: Activation
    private let pixels: PixelConvolution

    /// How many stages these are.
    var count: Int { stages.count }

    /// The last of a decoder's stages; nil where the very last is none of this kind.
    init?(of all: [Decoder.Stage], norm: RMSNorm, activation: Activation, out: Decoder.Out) {
        guard case .convolution(let layer) = out, let pixels = PixelConvolution(layer) else { return nil }
        let stages = all.reversed().prefix { Stage($0) != nil }.reversed().compactMap(Stage.init)
        if stages.isEmpty { return nil }
        (self.stages, self.norm, self.activation, self.pixels) = (stages, norm, activation, pixels)
    }

    /// Rows of the first stage's input that are read at once.
    private static let bandRows = 4

    /// The picture of an image.
    ///
    /// - Parameter step: is told of each band how many there are and which one is done.
    func callAsFunction(
        _ image: DecoderImage, _ compute: Compute, step: (Int, Int) throws -> Void
    ) throws -> Matrix {
        var layers: [BandLayer] = []
        var x = HeldImage(image.x, height: image.height, width: image.width)
        var quantized = try compute.quantized(
            image.x, height: image.height, width: image.width, layer: stages[0].upsampling.convolution.name)
        var bandRows = Self.bandRows
        for (index, stage) in stages.enumerated() {
            let next = index + 1 < stages.count ? stages[index + 1].upsampling.convolution : nil
            let run = StageRun(stage, x, quantized, next: next, bandRows: 2 * bandRows, compute)
            layers += run.layers(bandRows: bandRows)
            (x, quantized) = (run.x, run.quantized)
            bandRows *= 2
        }
        let picture = Matrix(rows: x.height * x.width, columns: pixels.outputs)
        let last = x
        layers.append(
            BandLayer(height: x.height, bandRows: bandRows, factor: 1) { rows in
                compute.measured("output") {
                    compute.compute(
                        pixels, rows: rows, of: last, normalizedBy: norm, activation, into: picture)
                }
            })
        for first in stride(from: 0, to: Int.max, by: Self.bandRows) {
            var available = min(first + Self.bandRows, image.height)
            for layer in layers { available = try layer.advance(to: available) }
            try step(available, last.height)
            if available == last.height { break }
        }
        return picture
    }
}

extension LocalStages.Stage {
    /// Nil where a layer is not int8, or does more than look at its neighbours.
    init?(_ stage: Decoder.Stage) {
        guard let upsampling = stage.upsampling, upsampling.convolution.weight.scheme == .w8a8,
            upsampling.convolution.weight.upsamples
        else { return nil }
        var blocks: [ResidualBlock] = []
        for block in stage.blocks {
            guard case .residual(let block) = block, block.conv1.weight.scheme == .w8a8,
                block.conv2.weight.scheme == .w8a8
            else { return nil }
            blocks.append(block)
        }
        (self.upsampling, self.blocks) = (upsampling, blocks)
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
        // A band, one row for each layer that is behind the one before it, the reader behind the stage among them, a
        // neighbour above and the border below.
        let heldRows = bandRows + 2 * stage.blocks.count + 1 + 2
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
