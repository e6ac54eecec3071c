import SanaModel

extension PackReader {
    /// How many tensors of each component are kept in what, and what these and their scales take in the file.
    var componentSchemes: JSON {
        .array(
            Component.allCases.map { component in
                let schemes = Scheme.allCases.compactMap { scheme -> JSON? in
                    let own = tensors.filter {
                        !$0.isScale && $0.scheme == scheme && $0.name.hasPrefix("\(component.rawValue).")
                    }
                    guard !own.isEmpty else { return nil }
                    let stored = own.map { tensor in
                        tensor.storedByteCount + (tensor.scaleIndex.map { tensors[$0].storedByteCount } ?? 0)
                    }
                    return [
                        "name": .string(scheme.name), "tensors": .integer(own.count),
                        "storedBytes": .integer(stored.reduce(0, +)),
                    ]
                }
                return ["name": .string(component.rawValue), "schemes": .array(schemes)]
            })
    }
}
