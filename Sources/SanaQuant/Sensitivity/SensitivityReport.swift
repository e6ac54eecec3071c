import SanaModel

/// What INT8 costs, layer by layer.
public struct SensitivityReport: Sendable {
    /// What some layers in INT8 do while the others stay at 16 bits.
    public struct Effect: Sendable {
        /// Signal to noise of the transformer's velocities at each step, in dB, on the reference's own latents; empty
        /// where they are the reference's: behind a change of the decoder.
        public var velocity: [Double]
        /// Mean squared error of the pictures' 8-bit values.
        public var pictureError: Double
        /// Of all pictures together, in dB; infinite where they are equal.
        public var psnr: Double
        /// The least similarity that a picture has with the reference's; nil without something that tells it.
        public var similarity: Double?

        /// Over all steps, in dB; nil where velocities are the reference's.
        public var meanVelocity: Double? {
            velocity.isEmpty ? nil : velocity.reduce(0, +) / Double(velocity.count)
        }
    }

    public struct Layer: Sendable {
        /// In the pack.
        public let name: String
        public let component: Component
        public let scheme: Scheme
        /// Bytes in a pack's file at 16 bits and in INT8.
        public let bytes16: Int
        public let bytes8: Int
        public let effect: Effect

        /// What a byte more for this layer at 16 bits takes from the pictures' error.
        var errorPerByte: Double { effect.pictureError / Double(max(1, bytes16 - bytes8)) }
    }

    /// A choice of layers to keep at 16 bits, measured as a whole.
    public struct Choice: Sendable {
        /// The names of the layers that are kept.
        public let kept: [String]
        /// Bytes of a pack.
        public let bytes: Int
        public let effect: Effect
        /// Whether it meets the budget.
        public let isMet: Bool
    }

    public let model: String
    public let prompts: [String]
    public let steps: Int
    public let guidance: Double
    /// In execution order.
    public let layers: [Layer]
    /// Bytes of the reference.
    public let referenceBytes: Int
    /// All layers in INT8, and the presets.
    public var policies: [(name: String, choice: Choice)]
    public var chosen: Choice?
    public var seconds = 0.0

    /// The layers whose INT8 changes pictures most, the worst first.
    public var ranked: [Layer] {
        layers.sorted { ($0.effect.pictureError, $1.name) > ($1.effect.pictureError, $0.name) }
    }
}

extension SensitivityReport {
    /// The report as `calibrate --sensitivity --json` prints it. Ratios are dB; a PSNR is null where pictures are equal.
    public var json: JSON {
        [
            "model": .string(model), "prompts": .array(prompts.map { .string($0) }), "steps": .integer(steps),
            "guidance": .number(guidance), "referenceBytes": .integer(referenceBytes),
            "seconds": .number(seconds),
            "layers": .array(layers.map(\.json)),
            "policies": .array(
                policies.map { name, choice in
                    var members = choice.members
                    members["name"] = .string(name)
                    return .object(members)
                }),
            "chosen": chosen.map { .object($0.members) } ?? .null,
        ]
    }
}

extension SensitivityReport.Layer {
    fileprivate var json: JSON {
        var members = effect.members
        members["name"] = .string(name)
        members["scheme"] = .string(scheme.name)
        members["bytes16"] = .integer(bytes16)
        members["bytes8"] = .integer(bytes8)
        return .object(members)
    }
}

extension SensitivityReport.Choice {
    fileprivate var members: JSONObject {
        var members = effect.members
        members["bytes"] = .integer(bytes)
        members["kept"] = .array(kept.map { .string($0) })
        members["met"] = .bool(isMet)
        return members
    }
}

extension SensitivityReport.Effect {
    fileprivate var members: JSONObject {
        var members = JSONObject()
        members["velocitySQNR"] = meanVelocity.map { .number($0) } ?? .null
        members["velocitySQNRByStep"] = .array(velocity.map { .number($0) })
        members["pictureError"] = .number(pictureError)
        members["psnr"] = psnr.isFinite ? .number(psnr) : .null
        members["similarity"] = similarity.map { .number($0) } ?? .null
        return members
    }
}
