import SanaModel

/// Weights that read one input, and what can take a factor of each of its channels exactly.
///
/// Channel j of the input is divided by a factor and column j of the weights multiplied with it: the products stay
/// what they were, and an outlier of the activations becomes one of the weights, which each row's scale and the other
/// columns may bear better (SmoothQuant, arXiv 2211.10438 §4).
struct SmoothingGroup: Sendable {
    /// Rows of a tensor that make the channels of the input, in their order, and nothing else of what is read.
    struct Producer: Sendable {
        let tensor: String
        let rows: Range<Int>
    }

    /// The name of the input in a calibration.
    let input: String
    /// The weights, by their names in the pack.
    let consumers: [String]
    /// Their rows are divided by the factors.
    var producers: [Producer] = []
    /// The input is multiplied with the reciprocals of the factors, which the pack holds.
    var factors: InputFactors?
}

extension ModelConfigs {
    /// Every place of the model where factors fold exactly.
    var smoothingGroups: [SmoothingGroup] {
        transformer.smoothingGroups + decoder.smoothingGroups
    }
}

extension TransformerConfig {
    fileprivate var smoothingGroups: [SmoothingGroup] {
        let factors = Dictionary(uniqueKeysWithValues: inputFactors.map { ($0.weight, $0) })
        return (0..<layers).flatMap { layer in
            let block = "transformer.transformer_blocks.\(layer)"
            func weights(_ names: String...) -> [String] { names.map { "\(block).\($0).weight" } }
            func input(_ names: [String]) -> SmoothingGroup {
                SmoothingGroup(
                    input: String(names[0].dropLast(".weight".count)), consumers: names,
                    factors: factors[names[0]])
            }
            return [
                input(weights("attn1.to_q", "attn1.to_k", "attn1.to_v")),
                // Attention mixes tokens and leaves a value's channel where it is.
                SmoothingGroup(
                    input: "\(block).attn1.to_out.0", consumers: weights("attn1.to_out.0"),
                    producers: producers("\(block).attn1.to_v", rows: width, bias: attentionBias)),
                input(weights("attn2.to_q")),
                SmoothingGroup(
                    input: "\(block).attn2.to_out.0", consumers: weights("attn2.to_out.0"),
                    producers: producers("\(block).attn2.to_v", rows: crossWidth, bias: true)),
                input(weights("ff.conv_inverted")),
                gatedConvolution("\(block).ff", hidden: hiddenChannels),
            ]
        }
    }
}

extension DecoderConfig {
    /// The input of the gated convolutions alone: the residual stream takes no factors, and neither does what stands
    /// behind SiLU.
    fileprivate var smoothingGroups: [SmoothingGroup] {
        tensors.compactMap { spec in
            let suffix = ".conv_point.weight"
            guard spec.packName.hasSuffix(suffix) else { return nil }
            return gatedConvolution(String(spec.packName.dropLast(suffix.count)), hidden: spec.shape[1])
        }
    }
}

/// The values' half of the depthwise convolution; the gates pass through SiLU.
private func gatedConvolution(_ name: String, hidden: Int) -> SmoothingGroup {
    SmoothingGroup(
        input: "\(name).conv_point", consumers: ["\(name).conv_point.weight"],
        producers: producers("\(name).conv_depth", rows: hidden, bias: true))
}

private func producers(_ layer: String, rows: Int, bias: Bool) -> [SmoothingGroup.Producer] {
    (bias ? ["weight", "bias"] : ["weight"]).map { .init(tensor: "\(layer).\($0)", rows: 0..<rows) }
}
