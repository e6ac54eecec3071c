/// The ways in which a pack's tensors and parts can differ from what its manifest describes.
public enum ModelFault: Error, Equatable {
    case missing(String)
    case unexpected(String)
    case order(expected: String, found: String)
    case scheme(name: String, Scheme)
    case shape(name: String, found: [Int], expected: [Int])
    case instruction(declared: Bool)
    case prefix(found: Int, expected: Int)
    case factors(name: String, weight: String)
}

extension ModelFault {
    var phrase: String {
        switch self {
        case .missing(let name): "\(quoted(name)) is missing"
        case .unexpected(let name): "\(quoted(name)) is there and has no place in the model"
        case .order(let expected, let found): "\(quoted(found)) stands where \(quoted(expected)) should"
        case .scheme(let name, let scheme): "\(quoted(name)) cannot have the scheme \(scheme.name)"
        case .shape(let name, let found, let expected):
            "\(quoted(name)) has the shape \(found), expected \(expected)"
        case .prefix(let found, let expected):
            "the prefix cache has \(found) bytes, expected \(expected)"
        case .factors(let name, let weight):
            "\(quoted(name)) is there, and \(quoted(weight)) is not of scheme w8a8"
        case .instruction(true): "the instruction is missing"
        case .instruction(false): "an instruction is there that the manifest does not declare"
        }
    }
}

extension PackArchive {
    /// Refuses missing, extra, misplaced and misshapen tensors, and schemes without arithmetic.
    package func requireTensors(_ specs: [TensorSpec]) throws(ModelFault) {
        let weights = tensors.filter { !$0.isScale }
        for (spec, weight) in zip(specs, weights) {
            let name = spec.packName
            guard weight.name == name else {
                guard let other = tensor(name), !other.isScale else { throw .missing(name) }
                guard specs.contains(where: { $0.packName == weight.name }) else {
                    throw .unexpected(weight.name)
                }
                throw .order(expected: name, found: weight.name)
            }
            guard spec.schemes.contains(weight.scheme) else { throw .scheme(name: name, weight.scheme) }
            let shape = spec.packShape(weight.scheme)
            guard weight.shape == shape else {
                throw .shape(name: name, found: weight.shape, expected: shape)
            }
        }
        if specs.count > weights.count { throw .missing(specs[weights.count].packName) }
        if weights.count > specs.count { throw .unexpected(weights[specs.count].name) }
    }

    /// Refuses factors that no quantizer applies.
    package func requireInt8(behind factors: [InputFactors]) throws(ModelFault) {
        for factors in factors where factors.isQuantizers && tensor(factors.spec.packName) != nil {
            guard tensor(factors.weight)?.scheme == .w8a8 else {
                throw .factors(name: factors.spec.packName, weight: factors.weight)
            }
        }
    }

    package func requireInstruction(_ declared: Bool) throws(ModelFault) {
        guard (size(of: .instruction) != nil) == declared else { throw .instruction(declared: declared) }
    }

    package func requirePrefix(tokens: Int, _ config: TextEncoderConfig) throws(ModelFault) {
        let found = size(of: .prefixCache)?.bytes ?? 0
        let expected = tokens == 0 ? 0 : config.prefixByteCount(tokens: tokens)
        guard found == expected else { throw .prefix(found: found, expected: expected) }
    }
}
