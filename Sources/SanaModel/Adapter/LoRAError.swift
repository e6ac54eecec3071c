/// The ways in which an adapter can be none, or not fit the checkpoint.
public enum LoRAError: Failure, Equatable {
    case noWeights(folder: String, expected: [String])
    case empty(file: String)
    case unknownTensor(file: String, tensor: String)
    case unsupported(file: String, what: String)
    case setting(file: String, key: String, expected: String)
    case rank(file: String, layer: String, expected: Int, found: Int)
    case duplicate(file: String, layer: String)
    case incomplete(file: String, layer: String, missing: String)
    case alpha(file: String, layer: String)
    case noLayer(file: String, layer: String)
    case layerType(file: String, layer: String)
    case shape(file: String, tensor: String, expected: String, found: [Int])

    public var exitCode: ExitCode {
        switch self {
        case .noWeights: .missingInput
        default: .badInput
        }
    }

    public var description: String {
        switch self {
        case .noWeights(let folder, let expected):
            "\(quoted(folder)) holds no adapter: expected \(expected.joined(separator: " or "))."
        case .empty(let file):
            "\(quoted(file)) holds no low-rank update of any layer."
        case .unknownTensor(let file, let tensor):
            """
            The adapter \(quoted(file)) has a tensor \(quoted(tensor)), which is no part of a LoRA and would be lost; \
            expected names that end in lora_A.weight or lora_B.weight.
            """
        case .unsupported(let file, let what):
            "The adapter \(quoted(file)) uses \(what), which is not supported."
        case .setting(let file, let key, let expected):
            key.isEmpty
                ? "\(quoted(file)) should hold \(expected)."
                : "\(quoted(file)): \(quoted(key)) should be \(expected)."
        case .rank(let file, let layer, let expected, let found):
            "The adapter \(quoted(file)) has rank \(found) in \(quoted(layer)) where its settings say \(expected)."
        case .duplicate(let file, let layer):
            "The adapter \(quoted(file)) has two updates of the layer \(quoted(layer))."
        case .incomplete(let file, let layer, let missing):
            "The adapter \(quoted(file)) has no \(missing) for the layer \(quoted(layer))."
        case .alpha(let file, let layer):
            "The adapter \(quoted(file)) has an alpha for \(quoted(layer)) that is not one finite number."
        case .noLayer(let file, let layer):
            """
            The adapter \(quoted(file)) is for a layer \(quoted(layer)), which the checkpoint's transformer does not \
            have.
            """
        case .layerType(let file, let layer):
            """
            The adapter \(quoted(file)) is for \(quoted(layer)), which is no linear layer and no 1x1 convolution, and \
            cannot be merged.
            """
        case .shape(let file, let tensor, let expected, let found):
            "The adapter \(quoted(file)) does not fit: \(quoted(tensor)) has shape \(found), expected \(expected)."
        }
    }
}
