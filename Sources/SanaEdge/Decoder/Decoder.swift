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
    private let stages: [Stage]
    private let normOut: RMSNorm
    private let out: Out

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
    }

    /// A picture (factor · height · factor · width, 3), nominally from -1 to 1.
    ///
    /// - Parameter latents: (latentChannels, height, width), as the transformer leaves them.
    package func callAsFunction(
        _ latents: [Float], height: Int, width: Int, step: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> Matrix {
        var (height, width) = (height, width)
        let z = pixels(latents, area: height * width)
        var x = try compute.convolution(z, height: height, width: width, convIn)
        if config.inShortcut {
            compute.addRepeated(z, repeats: config.inChannels / config.latentChannels, into: x)
        }
        for (index, stage) in stages.enumerated() {
            if let upsampling = stage.upsampling {
                x = try upsampling(x, height: height, width: width, compute: compute)
                (height, width) = (2 * height, 2 * width)
            }
            for block in stage.blocks {
                switch block {
                case .residual(let block): try block(x, height: height, width: width, compute: compute)
                case .efficientViT(let block): try block(x, height: height, width: width, compute: compute)
                }
            }
            try compute.checkFinite(x, layer: stage.name)
            try step(index + 1, stages.count + 1)
        }
        compute.normalize(x, normOut, into: x)
        compute.apply(.init(config.outActivation), x)
        let picture =
            switch out {
            case .convolution(let layer): try compute.convolution(x, height: height, width: width, layer)
            case .upsampling(let block): try block(x, height: height, width: width, compute: compute)
            }
        try compute.checkFinite(picture, layer: "vae.decoder.conv_out")
        try step(stages.count + 1, stages.count + 1)
        return picture
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
