import SanaModel

/// Multiply-adds that diffusers performs, whatever an engine avoids: both halves of guidance, the prompt's tokens in
/// both, nine taps behind upsampling. What depends on the prompt alone, its projection and its keys and values, is no
/// part of a pass.
public enum NominalWork {
    /// Text tokens that a pass attends to.
    public static let promptTokens = 300

    /// Of the text encoder for a prompt of `tokens`, all pairs of tokens counted.
    public static func text(_ config: TextEncoderConfig, tokens: Int) -> Int {
        let attention = config.heads * config.headDimension
        let keysValues = 2 * config.keyValueHeads * config.headDimension
        let perToken =
            config.width * (2 * attention + keysValues) + 3 * config.width * config.hiddenChannels
            + 2 * tokens * attention
        return config.layers * tokens * perToken
    }

    /// Of one pass over latents of `height` x `width`, with both halves of guidance unless the model embeds it.
    public static func transformerPass(_ config: TransformerConfig, height: Int, width: Int) -> Int {
        let patch = config.patchSize * config.patchSize
        let (d, tokens) = (config.width, height * width / patch)
        let selfAttention = 4 * d * d + linearAttention(heads: config.heads, config.headDimension)
        let crossAttention = 2 * d * config.crossWidth + 2 * promptTokens * config.crossWidth
        let feedForward = 3 * d * config.hiddenChannels + 9 * 2 * config.hiddenChannels
        let ends = patch * d * (config.inChannels + config.outChannels)
        let perToken = config.layers * (selfAttention + crossAttention + feedForward) + ends
        let embedder = (TransformerConfig.timestepFeatures + d) * d
        let time = embedder + 6 * d * d
        if config.guidanceScale != nil { return tokens * perToken + time + embedder }
        return 2 * (tokens * perToken + time)
    }

    /// Of decoding latents of `height` x `width`.
    public static func decode(_ config: DecoderConfig, height: Int, width: Int) -> Int {
        var area = height * width
        var total = area * 9 * config.latentChannels * config.inChannels
        func upsample(from: Int, to: Int) {
            total += config.interpolates ? 4 * area * 9 * from * to : area * 9 * from * 4 * to
            area *= 4
        }
        for stage in config.stages {
            if let from = stage.upsamplesFrom { upsample(from: from, to: stage.channels) }
            total += area * stage.blocks * block(config, stage)
        }
        if config.outUpsamples {
            upsample(from: config.outChannels, to: config.imageChannels)
        } else {
            total += area * 9 * config.outChannels * config.imageChannels
        }
        return total
    }

    /// Of one block, a pixel.
    private static func block(_ config: DecoderConfig, _ stage: DecoderConfig.Stage) -> Int {
        let c = stage.channels
        guard stage.type == .efficientViT else { return 2 * 9 * c * c }
        let inner = config.heads(c) * config.headDimension
        let branches = 1 + stage.scales.count
        let scales = stage.scales.reduce(0) { $0 + 3 * inner * ($1 * $1 + config.headDimension) }
        let attention = linearAttention(heads: branches * config.heads(c), config.headDimension)
        let projections = 3 * inner * c + branches * inner * c
        return projections + scales + attention + 12 * c * c + 9 * 8 * c
    }

    /// A token: its key times its value and a one, into the state; the state times its query.
    private static func linearAttention(heads: Int, _ dimension: Int) -> Int {
        2 * heads * dimension * (dimension + 1)
    }
}
