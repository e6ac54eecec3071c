import SanaModel

/// The decoder of DC-AE (arXiv 2410.10733): latents in, a picture `factor` times as wide and high out.
package final class Decoder {
    enum Block {
        case residual(ResidualBlock)
        case efficientViT(EfficientViTBlock)

        /// The layer that reads the block's input in int8.
        var quantizingLayer: Convolution? {
            switch self {
            case .residual(let block): block.quantizingLayer
            case .efficientViT: nil
            }
        }
    }

    struct Stage {
        let name: String
        let upsampling: UpsamplingBlock?
        let blocks: [Block]

        var attends: Bool {
            blocks.contains { if case .efficientViT = $0 { true } else { false } }
        }

        /// The layer that reads the stage's input in int8.
        var quantizingLayer: Convolution? {
            upsampling.map(\.quantizingLayer) ?? blocks.first?.quantizingLayer
        }
    }

    enum Out {
        case convolution(Convolution)
        case upsampling(UpsamplingBlock)
    }

    package let config: DecoderConfig
    private let compute: Compute
    private let convIn: Convolution
    private let stages: [Stage]
    private let normOut: RMSNorm
    private let out: Out
    /// `out`, where it is a plain convolution in floats.
    private let pixelConvolution: PixelConvolution?

    package init(_ config: DecoderConfig, loader: WeightLoader) throws {
        self.config = config
        compute = loader.compute
        convIn = try loader.convolution("decoder.conv_in", bias: true)
        stages = try config.stages.map { stage in
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
        pixelConvolution = if case .convolution(let layer) = out { PixelConvolution(layer) } else { nil }
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
        var image = DecoderImage(x, height: height, width: width)
        var scratch = DecoderScratch()
        for (index, stage) in stages.enumerated() {
            let following = stages.dropFirst(index + 1).first?.quantizingLayer
            if let upsampling = stage.upsampling {
                image = try upsampling(
                    image, next: stage.blocks.first.map(\.quantizingLayer) ?? following, compute: compute)
            }
            for (number, block) in stage.blocks.enumerated() {
                let next = stage.blocks.dropFirst(number + 1).first.map(\.quantizingLayer) ?? following
                switch block {
                case .residual(let block): try block(&image, next: next, compute: compute)
                case .efficientViT(let block): try block(&image, scratch, compute: compute)
                }
            }
            if !stages.dropFirst(index + 1).contains(where: \.attends) { scratch = DecoderScratch() }
            // A layer that quantizes has looked at each number.
            if image.quantized == nil { try compute.checkFinite(image.x, layer: stage.name) }
            try step(index + 1, stages.count + 1)
        }
        let picture = try compute.measured("output") { try draw(image) }
        try compute.checkFinite(picture, layer: "vae.decoder.conv_out")
        try step(stages.count + 1, stages.count + 1)
        return picture
    }

    /// The image's pixels.
    private func draw(_ image: DecoderImage) throws -> Matrix {
        let x = image.x
        if let pixelConvolution {
            let picture = Matrix(rows: x.rows, columns: config.imageChannels)
            compute.convolution(
                x, height: image.height, width: image.width, normalizedBy: normOut,
                .init(config.outActivation), pixelConvolution, into: picture)
            return picture
        }
        compute.normalize(x, normOut, into: x)
        compute.apply(.init(config.outActivation), x)
        switch out {
        case .convolution(let layer):
            return try compute.convolution(x, height: image.height, width: image.width, layer)
        case .upsampling(let block):
            return try block(
                DecoderImage(x, height: image.height, width: image.width), next: nil, compute: compute
            ).x
        }
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
