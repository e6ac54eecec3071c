import SanaModel

/// The decoder of DC-AE (arXiv 2410.10733): latents in, a picture `factor` times as wide and high out.
package final class Decoder {
    enum Block {
        case residual(ResidualBlock)
        case efficientViT(EfficientViTBlock)
    }

    enum Out {
        case convolution(Convolution)
        case upsampling(UpsamplingBlock)
    }

    /// What is in memory at a time.
    enum Layer {
        case upsampling(UpsamplingBlock)
        case block(Block)
        case local(LocalStages)
        case output(DecoderOutput)
    }

    package let config: DecoderConfig
    private let compute: Compute
    private let convIn: Convolution
    private let plan: [DecoderLayer]
    private let layers: LayerSequence<Layer>

    /// - Parameters:
    ///   - inBands: whether local stages run in bands of rows; without it layer after layer on whole images, which
    ///     gives the same numbers.
    ///   - kept: how many layers stay in memory; the others are read for each picture.
    ///   - bandRows: rows of their input that local stages read at once.
    package init(
        _ config: DecoderConfig, loader: WeightLoader, inBands: Bool = true, keeping kept: Int = .max,
        bandRows: Int = LocalStages.bandRows
    ) throws {
        self.config = config
        compute = loader.compute
        convIn = try loader.convolution("decoder.conv_in", bias: true)
        let plan = DecoderLayer.list(config, inBands: inBands, scheme: loader.scheme)
        self.plan = plan
        layers = try LayerSequence(
            count: plan.count, keeping: kept, loader: loader, names: { TensorNames(plan[$0].prefixes) },
            { try plan[$0].read(config, bandRows: bandRows, loader: $1) })
        try loader.finish()
    }

    /// A picture (factor · height · factor · width, 3), nominally from -1 to 1.
    ///
    /// - Parameter latents: (latentChannels, height, width), as the transformer leaves them.
    package func callAsFunction(
        _ latents: [Float], height: Int, width: Int, step: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> Matrix {
        let picture = Matrix(
            rows: config.factor * height * config.factor * width, columns: config.imageChannels)
        var first = 0
        try decode(latents, height: height, width: width, step: step) { rows in
            picture.rows(first..<first + rows.rows).copy(rows)
            first += rows.rows
        }
        return picture
    }

    /// The same picture, whole rows of it as soon as they are there: (rows · factor · width, 3).
    package func decode(
        _ latents: [Float], height: Int, width: Int, step: (Int, Int) throws -> Void,
        deliver: (Matrix) throws -> Void
    ) throws {
        let z = pixels(latents, area: height * width)
        let x = try compute.convolution(z, height: height, width: width, convIn)
        if config.inShortcut {
            compute.addRepeated(z, repeats: config.inChannels / config.latentChannels, into: x)
        }
        var image = DecoderImage(x: x, height: height, width: width)
        let steps = config.stages.count + 1
        let scratch = DecoderScratch()
        let lastAttention = plan.lastIndex { $0.hasAttention(config) }
        try layers.inTurn { index, layer in
            switch layer {
            case .upsampling(let block):
                image = try compute.measured("upsampling") { try block(image, compute: compute) }
            case .block(.residual(let block)):
                try compute.measured("convolution") { try block(image, compute: compute) }
            case .block(.efficientViT(let block)):
                try block(image, scratch, compute: compute)
            case .local(let stages):
                try withoutActuallyEscaping(deliver) { deliver in
                    try stages(image, compute, deliver: { try deliver(self.checked($0)) }) { rows, all in
                        try step(steps - 1 - stages.count + stages.count * rows / all, steps)
                    }
                }
            case .output(let output):
                try deliver(checked(compute.measured("output") { try output(image, compute: compute) }))
            }
            if index == lastAttention {
                // Before the next layer's weights are read.
                scratch.release()
                compute.releaseMemory()
            }
            if let stage = plan[index].endsStage {
                try compute.checkFinite(image.x, layer: "vae.decoder.up_blocks.\(config.stages[stage].index)")
                try step(stage + 1, steps)
            }
        }
        try step(steps, steps)
    }

    private func checked(_ rows: Matrix) throws -> Matrix {
        try compute.checkFinite(rows, layer: "vae.decoder.conv_out")
        return rows
    }

    /// Channels-first latents to (height · width, latentChannels), divided by the scaling factor.
    private func pixels(_ latents: [Float], area: Int) -> Matrix {
        let channels = config.latentChannels
        let scale = Float(config.scalingFactor)
        var values = [Float](repeating: 0, count: latents.count)
        for channel in 0..<channels {
            for pixel in 0..<area {
                values[pixel * channels + channel] = latents[channel * area + pixel] / scale
            }
        }
        return Matrix(rows: area, columns: channels, values)
    }
}

extension Activation {
    init(_ activation: DecoderConfig.BlockActivation) {
        self =
            switch activation {
            case .silu: .silu
            case .relu: .relu
            case .gelu: .gelu
            }
    }
}
