import SanaModel

extension PackDescription {
    /// `tensors`: whether to list every tensor. Sizes are bytes.
    func json(tensors list: Bool) -> JSON {
        // The manifest says most of it; its configurations are the checkpoint's files word for word.
        var object = JSONObject()
        object["path"] = .string(pack.path)
        object["bytes"] = .integer(pack.fileSize)
        for member in pack.manifest.json.objectValue?.members ?? [] { object[member.key] = member.value }
        object["instruction"] = instruction.map { .string($0) } ?? .null
        object["licence"] = licence.map { .string($0) } ?? .null
        object["configurations"] = object["components"]
        object["components"] = .array(Component.allCases.map(json))
        if list { object["tensors"] = .array(tensors.map(json)) }
        return .object(object)
    }

    private func json(_ component: Component) -> JSON {
        var object = members(component.rawValue, sum(component))
        let schemes = Scheme.allCases.filter { sum(component, $0).tensors > 0 }
        object["schemes"] = .array(schemes.map { .object(members($0.name, sum(component, $0))) })
        return .object(object)
    }

    private func members(_ name: String, _ sum: Sum) -> JSONObject {
        var object = JSONObject()
        object["name"] = .string(name)
        object["tensors"] = .integer(sum.tensors)
        object["parameters"] = .integer(sum.parameters)
        object["bytes"] = .integer(sum.bytes)
        object["storedBytes"] = .integer(sum.storedBytes)
        return object
    }

    private func json(_ tensor: PackTensor) -> JSON {
        let size = size(tensor)
        return [
            "name": .string(tensor.name), "scheme": .string(tensor.scheme.name),
            "type": .string(tensor.elementType.name), "shape": .array(tensor.shape.map { .integer($0) }),
            "bytes": .integer(size.bytes), "storedBytes": .integer(size.stored),
        ]
    }
}
