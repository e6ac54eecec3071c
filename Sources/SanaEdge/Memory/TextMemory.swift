import SanaModel

extension ComponentMemory {
    /// The text encoder.
    ///
    /// - Parameters:
    ///   - tokens: of the longest input, those of the prefix left out.
    ///   - inputs: how many are encoded at once.
    ///   - prefix: tokens of the prefix cache.
    static func textEncoder(
        _ config: TextEncoderConfig, _ weights: WeightMemory, tokens: Int, inputs: Int, prefix: Int
    ) -> ComponentMemory {
        let halves = (0..<2 * config.layers).map { index in
            let layer = "\(Component.textEncoder.rawValue).layers.\(index / 2)."
            let names = index.isMultiple(of: 2) ? ["self_attn."] : ["mlp."]
            return Layer(weights: weights.bytes(names.map { layer + $0 }), activations: 0)
        }
        let block = Compute.queryBlock
        let keys = 2 * (tokens + prefix + block) * config.keyValueWidth
        // The cache's bytes, numbers and matrices are there at the same time while a layer's are read.
        let cache = 3 * 2 * prefix * config.keyValueWidth
        let scratch =
            tokens * (config.width + 2 * config.hiddenChannels)
            + 3 * (tokens + 2 * block) * config.heads * config.headDimension
        // Hidden states of each input, and those of them that the transformer sees.
        let states = 2 * inputs * tokens * config.width
        // Rows of the embedding, and one chunk of it as it is read.
        let embedding = 4 * ChunkPlan.targetSize + 4 * config.vocabulary
        return ComponentMemory(
            fixed: 4 * (keys + cache + scratch + states) + embedding, layers: halves)
    }
}
