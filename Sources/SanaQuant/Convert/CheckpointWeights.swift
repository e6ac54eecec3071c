import SanaEdge
import SanaModel

/// The weights of a checkpoint, component by component.
struct CheckpointWeights {
    private let tensors: [Component: CheckpointTensors]

    init(_ folder: CheckpointFolder) throws {
        var tensors: [Component: CheckpointTensors] = [:]
        for component in Component.allCases {
            tensors[component] = try folder.tensors(component)
        }
        self.tensors = tensors
    }

    /// The files that hold the weights.
    var paths: [String] { Component.allCases.flatMap { tensors[$0]?.files.map(\.path) ?? [] } }

    /// What the specification names, in the shape that it calls for.
    func tensor(_ spec: TensorSpec) throws -> CheckpointTensor {
        guard let tensors = tensors[spec.component] else {
            throw CheckpointError.missingTensor(folder: spec.component.rawValue, tensor: spec.name)
        }
        return try tensors.tensor(spec.name, shape: spec.shape)
    }

    /// Refuses tensors that no specification names: they would be lost, and the pictures would be others.
    func refuseUnexpected(besides specs: [TensorSpec]) throws(ConversionError) {
        let expected = Set(specs.map(\.packName))
        for component in Component.allCases {
            for name in tensors[component]?.names ?? [] {
                let packName = "\(component.rawValue).\(name)"
                guard expected.contains(packName) || Self.isLeftOut(component, name) else {
                    throw .unexpectedTensor(tensor: packName)
                }
            }
        }
    }

    /// Tensors that a checkpoint may have and pictures do not need: the half of the autoencoder that reads pictures,
    /// what makes a language model of the text encoder, and its frequencies, which follow from its configuration.
    private static func isLeftOut(_ component: Component, _ name: String) -> Bool {
        switch component {
        case .decoder: name.hasPrefix("encoder.")
        case .textEncoder: name == "lm_head.weight" || name.hasSuffix("rotary_emb.inv_freq")
        case .transformer: false
        }
    }
}

extension CheckpointWeights {
    /// The way of each tensor into the pack, in order.
    ///
    /// `progress` hears of the F32 tensors that are read to see whether they fit 16 bits.
    func plan(
        _ assignments: [Assignment], updates: [String: [LowRankUpdate]], on compute: Compute,
        progress: @escaping @Sendable (Int, Int) throws -> Void
    ) throws -> [TensorPlan] {
        let tensors = try assignments.map { try tensor($0.spec) }
        let unsure = tensors.indices.filter { assignments[$0].scheme == .f16 && tensors[$0].type == .f32 }
        let fits = try F32Range.fitF16(unsure.map { tensors[$0] }, on: compute, progress: progress)
        let misfits = Set(zip(unsure, fits).filter { !$0.1 }.map(\.0))
        return tensors.indices.map { index in
            TensorPlan(
                assignments[index], tensors[index], fitsF16: !misfits.contains(index),
                updates: updates[assignments[index].spec.packName] ?? [])
        }
    }
}
