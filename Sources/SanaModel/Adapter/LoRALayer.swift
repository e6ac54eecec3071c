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

    /// diffusers' and PEFT's endings; PEFT may put the adapter's name before the last word.
    private static let endings: [(String, Part)] = [
        (".lora_A.weight", .down), (".lora_B.weight", .up), (".lora_A.default.weight", .down),
        (".lora_B.default.weight", .up), (".lora.down.weight", .down), (".lora.up.weight", .up),
        (".lora_down.weight", .down), (".lora_up.weight", .up), (".alpha", .alpha),
    ]
    /// What stands before the layer's name: nothing, the component, or PEFT's wrapping of either.
    private static let prefixes = ["base_model.model.", "transformer."]

    /// Nil where the name is no part of a low-rank update.
    init?(_ name: String) {
        guard let (ending, part) = Self.endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
        layer = Self.layerName(String(name.dropLast(ending.count)))
        self.part = part
    }

    static func layerName(_ name: String) -> String {
        prefixes.reduce(name) { $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0 }
    }
}
