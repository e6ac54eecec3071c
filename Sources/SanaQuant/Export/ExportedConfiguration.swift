import SanaModel

/// The `config.json` of an exported transformer: the checkpoint's own, and what compressed-tensors needs to know.
///
/// Source: compressed-tensors' `QuantizationConfig` and its scheme W8A8. The package knows linear layers alone, so
/// that 1x1 convolutions are matrices in the file; `quantized_convolutions` gives their shapes in the checkpoint.
struct ExportedConfiguration {
    private let transformer: JSONObject
    /// Layers by scheme, and linear layers that are not quantized, in execution order.
    private(set) var layers: [Scheme: [String]] = [:]
    private var kept: [String] = []
    private(set) var convolutions = JSONObject()

    init(_ pack: PackReader) throws {
        transformer = pack.manifest.components[.transformer]?.objectValue ?? JSONObject()
        for spec in pack.configs.transformer.tensors where spec.kind == .linear {
            let layer = String(spec.name.dropLast(".weight".count))
            let scheme = try pack.requiredTensor(spec.packName).scheme
            if scheme.isQuantized {
                layers[scheme, default: []].append(layer)
                if spec.shape.count > 2 {
                    convolutions[layer] = .array(spec.shape.map { .integer($0) })
                }
            } else if spec.shape.count == 2 {
                kept.append(layer)
            }
        }
    }

    var json: JSON {
        var object = transformer
        if object["_class_name"] == nil { object["_class_name"] = "SanaTransformer2DModel" }
        guard !layers.isEmpty else { return .object(object) }
        object["quantization_config"] = quantization
        if !convolutions.isEmpty { object["quantized_convolutions"] = .object(convolutions) }
        return .object(object)
    }

    private var quantization: JSON {
        var groups = JSONObject()
        for scheme in [Scheme.w8a8, .w8] {
            guard let names = layers[scheme] else { continue }
            groups["group_\(groups.count)"] = [
                "targets": .array(names.map { .string($0) }),
                "weights": Self.arguments(strategy: "channel", dynamic: false),
                "input_activations": scheme == .w8a8
                    ? Self.arguments(strategy: "token", dynamic: true) : .null,
                "output_activations": nil,
            ]
        }
        return [
            "quant_method": "compressed-tensors", "format": "int-quantized",
            "quantization_status": "compressed", "kv_cache_scheme": nil, "global_compression_ratio": nil,
            "config_groups": .object(groups), "ignore": .array(kept.map { .string($0) }),
        ]
    }

    private static func arguments(strategy: String, dynamic: Bool) -> JSON {
        [
            "num_bits": 8, "type": "int", "symmetric": true, "strategy": .string(strategy),
            "dynamic": .bool(dynamic), "group_size": nil,
        ]
    }
}
