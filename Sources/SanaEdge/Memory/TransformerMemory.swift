import SanaModel

extension ComponentMemory {
    /// The transformer.
    ///
    /// - Parameters:
    ///   - promptTokens: rows of each prompt of a picture.
    ///   - keepsPromptProjections: whether what prompts alone need stays in memory.
    static func transformer(
        _ config: TransformerConfig, _ pack: PackReader, _ weights: WeightMemory, _ plan: GenerationPlan,
        promptTokens: [Int], keepsPromptProjections: Bool
    ) -> ComponentMemory {
        let names = (0..<config.layers).map {
            "\(Component.transformer.rawValue).\(TransformerBlock.prefix($0))"
        }
        let projections = names.map { weights.bytes(["\($0)attn2.to_k.", "\($0)attn2.to_v."]) }
        let blocks = zip(names, projections).map {
            Layer(weights: weights.bytes([$0]) - $1, activations: 0)
        }
        let contexts = promptTokens.reduce(0) { sum, tokens in
            sum + (tokens == 1 ? 2 : 2 * ((tokens + 15) / 16 * 16)) * config.crossWidth * config.layers
        }
        let largest = promptTokens.max() ?? 0
        // While prompts are prepared: the caption, and its keys and values before they are arranged anew.
        let captions = largest * (2 * config.width + config.captionChannels + 2 * config.crossWidth)
        let projected = keepsPromptProjections ? projections.reduce(0, +) : projections.max() ?? 0
        let isInt8 = pack.tensors.lazy
            .filter {
                $0.name.hasPrefix(names[0]) && $0.shape.count == 2 && !$0.name.contains(".conv_depth.")
            }
            .filter { !$0.name.contains(".attn2.to_k.") && !$0.name.contains(".attn2.to_v.") }
            .filter { !$0.name.hasSuffix("scale_shift_table") }
            .allSatisfy { $0.scheme == .w8a8 }
        let outer = weights.bytes(of: .transformer, besides: names)
        return ComponentMemory(
            fixed: outer + projected + 4 * (contexts + captions)
                + activations(config, plan, batch: promptTokens.count, isInt8: isInt8), layers: blocks)
    }

    /// Bytes, as `TransformerScratch` and the operations hold them.
    private static func activations(
        _ config: TransformerConfig, _ plan: GenerationPlan, batch: Int, isInt8: Bool
    ) -> Int {
        let area = plan.latentShape[1] * plan.latentShape[2]
        let tokens = area / (config.patchSize * config.patchSize)
        let (d, hidden) = (config.width, config.hiddenChannels)
        let states =
            batch * ((tokens + 127) / 128) * config.heads * config.headDimension * (config.headDimension + 1)
        // Latents on their way in and out, of the solver too.
        let latents = 12 * batch * plan.latentShape[0] * area
        let positions = config.interpolationScale == nil ? 0 : 2 * tokens * d
        // The stream, queries, and queries of cross-attention.
        let streams = 2 * batch * tokens * d + tokens * config.crossWidth
        guard isInt8 else {
            // Normalized rows, keys, values, attention's output, and the expanded image with what it is gated to.
            let floats = 4 * batch * tokens * d + tokens * config.crossWidth + 3 * batch * tokens * hidden
            return 4 * (streams + floats + states + latents + positions)
        }
        // int8 rows of which up to four stay to be used again, and gated floats: of one image, or of several that are
        // small.
        let int8 = batch * tokens * (2 * max(d, config.crossWidth) + 2 * hidden)
        let gated = max(tokens * hidden, min(batch * tokens * hidden, Compute.gatedFloats))
        return 4 * (streams + gated + states + latents + positions) + int8
    }
}
