/// One layer's low-rank update: `W + scale · alpha / rank · up · down` (LoRA, arXiv 2106.09685 §4.1).
public struct LoRALayer: Sendable {
    /// The layer in the transformer, as the checkpoint names it, without `.weight`.
    public let name: String
    /// `[rank, in]`, or `[rank, in, k, k]` where the layer is a convolution.
    public let down: CheckpointTensor
    /// `[out, rank]`, or `[out, rank, 1, 1]`.
    public let up: CheckpointTensor
    /// What the product of the two is multiplied with: alpha / rank, or alpha / √rank.
    public let scaling: Double

    public var rank: Int { down.shape[0] }
}

/// What a tensor of an adapter's file is, told from its name.
struct LoRATensorName {
    enum Part: Hashable {
        case down
        case up
        case alpha
    }

    let layer: String
    let part: Part

    /// What stands between a layer's name and `weight`.
    private static let factors: [(String, Part)] = [
        (".lora_A", .down), (".lora_B", .up), (".lora.down", .down), (".lora.up", .up), (".lora_down", .down),
        (".lora_up", .up),
    ]
    private static let alpha = ".alpha"
    private static let weight = ".weight"
    /// What stands before the layer's name: nothing, the component, or PEFT's wrapping of either.
    private static let prefixes = ["base_model.model.", "transformer."]

    /// Nil where the name is no part of a low-rank update.
    init?(_ name: String) {
        if name.hasSuffix(Self.alpha) {
            (layer, part) = (Self.layerName(String(name.dropLast(Self.alpha.count))), .alpha)
            return
        }
        guard name.hasSuffix(Self.weight) else { return nil }
        let stem = name.dropLast(Self.weight.count)
        // PEFT may put the adapter's name, one word, behind the factor's.
        let bare = stem.lastIndex(of: ".").map { stem[..<$0] } ?? stem
        for stem in [stem, bare] {
            guard let (factor, part) = Self.factors.first(where: { stem.hasSuffix($0.0) }) else { continue }
            (layer, self.part) = (Self.layerName(String(stem.dropLast(factor.count))), part)
            return
        }
        return nil
    }

    static func layerName(_ name: String) -> String {
        prefixes.reduce(name) { $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0 }
    }
}
