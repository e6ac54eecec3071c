import SanaModel

/// The decoder of DC-AE (arXiv 2410.10733): latents in, a picture `factor` times as wide and high out.
package final class Decoder {
    enum Block {
        case residual(ResidualBlock)
        case efficientViT(EfficientViTBlock)
    }

    struct Stage {
        let name: String
        let upsampling: UpsamplingBlock?
        let blocks: [Block]
    }

    enum Out {
        case convolution(Convolution)
        case upsampling(UpsamplingBlock)
    }

    package let config: DecoderConfig
    private let compute: Compute
    private let convIn: Convolution
    /// The stages that work on whole images; behind them come the local ones, where there are any.
    private let stages: [Stage]
    private let localStages: LocalStages?
    private let normOut: RMSNorm
    private let outActivation: Activation
    private let out: Out

    /// - Parameter inBands: whether local stages run in bands of rows; without it layer after layer on whole images,
    ///   which gives the same numbers.
    package init(_ config: DecoderConfig, loader: WeightLoader, inBands: Bool = true) throws {
        self.config = config
        compute = loader.compute
        convIn = try loader.convolution("decoder.conv_in", bias: true)
        let stages = try config.stages.map { stage in
            let name = "decoder.up_blocks.\(stage.index)"
            let upsampling = try stage.upsamplesFrom.map { from in
                try UpsamplingBlock(
                    "\(name).0", from: from, to: stage.channels, interpolates: config.interpolates,
                    shortcut: true,
                    loader: loader)
            }
            let first = upsampling == nil ? 0 : 1
            let blocks = try (first..<first + stage.blocks).map { index in
                switch stage.type {
                case .residual:
                    Block.residual(
                        try ResidualBlock(
                            "\(name).\(index)", activation: .init(stage.activation), loader: loader))
                case .efficientViT:
                    Block.efficientViT(
                        try EfficientViTBlock(
                            "\(name).\(index)", stage: stage, config: config, loader: loader))
                }
            }
            return Stage(name: "vae.\(name)", upsampling: upsampling, blocks: blocks)
        }
        normOut = try loader.decoderNorm("decoder.norm_out")
        out =
            config.outUpsamples
            ? .upsampling(
                try UpsamplingBlock(
                    "decoder.conv_out", from: config.outChannels, to: config.imageChannels,
                    interpolates: config.interpolates, shortcut: false, loader: loader))
            : .convolution(try loader.convolution("decoder.conv_out", bias: true))
        try loader.finish()
        outActivation = .init(config.outActivation)
        localStages =
            !inBands ? nil : LocalStages(of: stages, norm: normOut, activation: outActivation, out: out)
        self.stages = stages.dropLast(localStages?.count ?? 0)
    }

    /// A picture (factor · height · factor · width, 3), nominally from -1 to 1.
    ///
    /// - Parameter latents: (latentChannels, height, width), as the transformer leaves them.
    package func callAsFunction(
        _ latents: [Float], height: Int, width: Int, step: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> Matrix {
        let z = pixels(latents, area: height * width)
        let x = try compute.convolution(z, height: height, width: width, convIn)
        if config.inShortcut {
            compute.addRepeated(z, repeats: config.inChannels / config.latentChannels, into: x)
        }
        var image = DecoderImage(x: x, height: height, width: width)
        let steps = config.stages.count + 1
        let scratch = DecoderScratch()
        for (index, stage) in stages.enumerated() {
            try run(stage, on: &image, scratch)
            try compute.checkFinite(image.x, layer: stage.name)
            try step(index + 1, steps)
        }
        scratch.release()
        let picture: Matrix
        if let localStages {
            picture = try localStages(image, compute) { rows, all in
                try step(stages.count + localStages.count * rows / all, steps)
            }
        } else {
            picture = try compute.measured("output") { try draw(image) }
        }
        try compute.checkFinite(picture, layer: "vae.decoder.conv_out")
        try step(steps, steps)
        return picture
    }

    /// Moves an image through a stage.
    private func run(_ stage: Stage, on image: inout DecoderImage, _ scratch: DecoderScratch) throws {
        if let upsampling = stage.upsampling {
            image = try compute.measured("upsampling") { try upsampling(image, compute: compute) }
        }
        for block in stage.blocks {
            switch block {
            case .residual(let block):
                try compute.measured("convolution") { try block(image, compute: compute) }
            case .efficientViT(let block): try block(image, scratch, compute: compute)
            }
        }
    }

    /// The image's pixels.
    private func draw(_ image: DecoderImage) throws -> Matrix {
        let (x, height, width) = (image.x, image.height, image.width)
        switch out {
        case .convolution(let layer):
            if let pixels = PixelConvolution(layer) {
                let picture = Matrix(rows: x.rows, columns: pixels.outputs)
                compute.compute(
                    pixels, rows: 0..<height, of: HeldImage(x, height: height, width: width),
                    normalizedBy: normOut, outActivation, into: picture)
                return picture
            }
            normalizeOut(x)
            return try compute.convolution(x, height: height, width: width, layer)
        case .upsampling(let block):
            normalizeOut(x)
            return try block(image, compute: compute).x
        }
    }

    private func normalizeOut(_ x: Matrix) {
        compute.normalize(x, normOut, into: x)
        compute.apply(outActivation, x)
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
