import SanaModel

/// The least memory that a stage of a run takes, in bytes: its weights, and its largest activations at one time.
///
/// It is counted before anything is allocated, so that neither a pack's claims nor a picture's size can exhaust the
/// machine.
struct MemoryNeed {
    let stage: Component
    let bytes: Int

    /// - Throws: `GenerationError.memory` where the machine has less.
    func check(available: Int? = MemoryAvailable.bytes) throws {
        guard let available, bytes > available else { return }
        throw GenerationError.memory(stage: stage.title, needed: bytes, available: available)
    }

    static func stages(of pack: PackReader, plan: GenerationPlan) -> [MemoryNeed] {
        Component.allCases.map { component in
            let activations =
                switch component {
                case .textEncoder: 0.0
                case .transformer: transformerActivations(pack.configs.transformer, plan)
                case .decoder: decoderActivations(pack.configs.decoder, plan)
                }
            let total = weights(of: component, in: pack) + 4 * activations
            return MemoryNeed(stage: component, bytes: Int(min(total, 1e18)))
        }
    }

    /// Bytes. The text encoder's embedding stays in the pack.
    private static func weights(of component: Component, in pack: PackReader) -> Double {
        let embeddings = Set(
            pack.configs.textEncoder.tensors.filter { $0.kind == .embedding }.map(\.packName))
        return pack.tensors.reduce(0) { sum, tensor in
            tensor.name.hasPrefix("\(component.rawValue).") && !embeddings.contains(tensor.name)
                ? sum + Double(tensor.byteCount) : sum
        }
    }

    /// Numbers, as `TransformerScratch` holds them.
    private static func transformerActivations(_ config: TransformerConfig, _ plan: GenerationPlan) -> Double
    {
        let tokens =
            Double(plan.latentShape[1] * plan.latentShape[2]) / Double(config.patchSize * config.patchSize)
        return tokens * (5 * Double(plan.batch) * Double(config.width) + 3 * Double(config.hiddenChannels))
    }

    /// Numbers: the widest moment of any stage, a block's input beside what it computes from it.
    private static func decoderActivations(_ config: DecoderConfig, _ plan: GenerationPlan) -> Double {
        var area = Double(plan.latentShape[1] * plan.latentShape[2])
        var most = area * Double(config.inChannels)
        for stage in config.stages {
            if stage.upsamplesFrom != nil { area *= 4 }
            let widest = stage.type == .residual ? 3.0 : 13.0
            most = max(most, area * Double(stage.channels) * widest)
        }
        return most
    }
}
