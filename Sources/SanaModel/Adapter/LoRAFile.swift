/// A LoRA adapter of a Sana transformer, as diffusers (`pytorch_lora_weights.safetensors`) or PEFT
/// (`adapter_model.safetensors` beside `adapter_config.json`) saves it.
public struct LoRAFile: Sendable {
    /// The safetensors file.
    public let path: String
    /// The files that it was read from.
    public let files: [String]
    /// Sorted by their names.
    public let layers: [LoRALayer]

    private static let weightNames = ["pytorch_lora_weights.safetensors", "adapter_model.safetensors"]
    private static let configurationName = "adapter_config.json"
    private static let metadataKey: ByteString = "lora_adapter_metadata"

    /// Opens a file, or the one that a folder holds.
    ///
    /// - Throws: `FileError`, `JSONError`, `SafetensorsError`, `LoRAError`.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: try Self.weights(at: path))
        self.path = file.path
        let configuration = Self.folder(of: file.path) + Self.configurationName
        let hasConfiguration = somethingExists(at: configuration)
        files = [file.path] + (hasConfiguration ? [configuration] : [])
        let settings =
            hasConfiguration
            ? try LoRASettings(
                JSON.parse(
                    readWholeFile(configuration, limit: CheckpointFolder.configurationLimit),
                    name: configuration), file: configuration)
            : try Self.metadata(file)
        layers = try Self.layers(file, settings)
        guard !layers.isEmpty else { throw LoRAError.empty(file: file.path) }
    }

    private static func weights(at path: String) throws -> String {
        guard somethingExists(at: path) else { throw FileError.missing(path: path) }
        guard let names = try? fileNames(inFolder: path) else { return path }
        guard let name = weightNames.first(where: names.contains) else {
            throw LoRAError.noWeights(folder: path, expected: weightNames)
        }
        return "\(path)/\(name)"
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(path[...slash])
    }

    /// The settings that diffusers puts into a file's header, its keys below `transformer.` or bare.
    private static func metadata(_ file: SafetensorsFile) throws -> LoRASettings {
        guard let text = file.metadata[metadataKey] else { return LoRASettings(file: file.path) }
        let json = try JSON.parse(text.bytes, name: "\(file.path), \(metadataKey.string)")
        guard let members = json.objectValue?.members else {
            throw LoRAError.setting(file: file.path, key: metadataKey.string, expected: "an object")
        }
        let settings = members.reduce(into: JSONObject()) { settings, member in
            settings[LoRATensorName.layerName(member.key.string)] = member.value
        }
        return try LoRASettings(.object(settings), file: file.path)
    }

    private static func layers(_ file: SafetensorsFile, _ settings: LoRASettings) throws -> [LoRALayer] {
        var parts: [String: [LoRATensorName.Part: CheckpointTensor]] = [:]
        for entry in file.entries {
            let tensor = entry.name.string
            guard let name = LoRATensorName(tensor) else {
                if tensor.contains("dora_scale") || tensor.contains("lora_magnitude_vector") {
                    throw LoRAError.unsupported(file: file.path, what: "DoRA, \(quoted(tensor))")
                }
                throw LoRAError.unknownTensor(file: file.path, tensor: tensor)
            }
            guard parts[name.layer]?[name.part] == nil else {
                throw LoRAError.duplicate(file: file.path, layer: name.layer)
            }
            parts[name.layer, default: [:]][name.part] = try file.tensor(entry)
        }
        return try parts.sorted { $0.key < $1.key }.map { layer, parts in
            guard let down = parts[.down] else {
                throw LoRAError.incomplete(file: file.path, layer: layer, missing: "lora_A")
            }
            guard let up = parts[.up] else {
                throw LoRAError.incomplete(file: file.path, layer: layer, missing: "lora_B")
            }
            guard let rank = down.shape.first, rank > 0 else {
                throw LoRAError.shape(
                    file: file.path, tensor: down.name, expected: "[rank, inputs]", found: down.shape)
            }
            let alpha = try parts[.alpha].map { try Self.number($0, file: file.path, layer: layer) }
            return LoRALayer(
                name: layer, down: down, up: up,
                scaling: try settings.scaling(layer: layer, rank: rank, alpha: alpha))
        }
    }

    private static func number(_ tensor: CheckpointTensor, file: String, layer: String) throws -> Double {
        guard tensor.elementCount == 1 else { throw LoRAError.alpha(file: file, layer: layer) }
        let bits = try tensor.readBytes(elements: 0..<1).reversed().reduce(0 as UInt32) {
            $0 << 8 | UInt32($1)
        }
        let number: Float =
            switch tensor.type {
            case .f16: Float(Float16(bitPattern: UInt16(bits)))
            case .bf16: Float(bitPattern: bits << 16)
            default: Float(bitPattern: bits)
            }
        guard number.isFinite else { throw LoRAError.alpha(file: file, layer: layer) }
        return Double(number)
    }
}

extension LoRAFile {
    /// Refuses layers that a transformer does not have, and factors of another shape than its layers'.
    public func check(_ specs: [TensorSpec]) throws(LoRAError) {
        let known = Dictionary(
            specs.filter { $0.component == .transformer }.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        for layer in layers {
            guard let spec = known["\(layer.name).weight"] else {
                throw .noLayer(file: path, layer: layer.name)
            }
            guard spec.kind == .linear || spec.kind == .patch else {
                throw .layerType(file: path, layer: layer.name)
            }
            let ones = spec.shape.dropFirst(2).map { _ in 1 }
            let down = [layer.rank] + spec.shape.dropFirst()
            let up = [spec.shape[0], layer.rank] + ones
            for (tensor, expected) in [(layer.down, down), (layer.up, up)] where tensor.shape != expected {
                throw .shape(
                    file: path, tensor: tensor.name, expected: "\(expected)", found: tensor.shape)
            }
        }
    }
}
