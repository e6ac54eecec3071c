import SanaModel

extension PackDescription {
    func text(tensors: Bool) -> String {
        var parts = [facts, components.text]
        if tensors { parts.append(table.text) }
        return parts.joined(separator: "\n\n")
    }

    private var facts: String {
        let manifest = pack.manifest
        let defaults = manifest.defaults
        let lines =
            [
                ("pack", "\(pack.path), \(bytes(pack.fileSize))"),
                ("model", "\(manifest.modelName), \(manifest.modelClass)"),
                ("sampler", pack.configs.scheduler.className),
                ("policy", manifest.policy.name + (manifest.isCalibrated ? ", calibrated" : "")),
            ] + manifest.adapters.map { ("adapter", "\($0.name), scale \($0.scale), \($0.layers) layers") }
            + [
                ("licence", manifest.licence ?? "the checkpoint names none"),
                (
                    "picture",
                    "\(defaults.width) x \(defaults.height), \(defaults.steps) steps, guidance \(defaults.guidance), "
                        + "seed \(defaults.seed)"
                ),
                (
                    "instruction",
                    instruction.map { "yes, \($0.count) characters" } ?? "none, prompts go in bare"
                ),
                ("written by", manifest.tool),
            ]
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, value in
            name + String(repeating: " ", count: width + 2 - name.count) + value
        }.joined(separator: "\n")
    }

    private var components: TextTable {
        var table = TextTable([
            .left("component"), .left("scheme"), .right("tensors"), .right("parameters"), .right("in memory"),
            .right("in the file"),
        ])
        for component in Component.allCases {
            var name = component.title
            for scheme in Scheme.allCases {
                let sum = sum(component, scheme)
                guard sum.tensors > 0 else { continue }
                table.add([
                    name, scheme.name, String(sum.tensors), count(sum.parameters), bytes(sum.bytes),
                    bytes(sum.storedBytes),
                ])
                name = ""
            }
        }
        for blob in PackBlob.allCases {
            guard let size = pack.size(of: blob) else { continue }
            table.add([blob.title, "", "", "", bytes(size.bytes), bytes(size.stored)])
        }
        return table
    }

    /// A count with three digits or so: `812`, `34.5 k`, `1.23 M`.
    private func count(_ count: Int) -> String {
        let units = [(1_000_000_000, " G"), (1_000_000, " M"), (1000, " k")]
        guard let (unit, name) = units.first(where: { count >= $0.0 }) else { return String(count) }
        let value = Double(count) / Double(unit)
        return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) + name
    }

    private var table: TextTable {
        var table = TextTable([
            .left("tensor"), .left("scheme"), .left("type"), .left("shape"), .right("bytes"),
            .right("in the file"),
        ])
        for tensor in tensors {
            let size = size(tensor)
            table.add([
                tensor.name, tensor.scheme.name, tensor.elementType.name,
                tensor.shape.map(String.init).joined(separator: " x "), String(size.bytes),
                String(size.stored),
            ])
        }
        return table
    }
}
