/// The ways in which a checkpoint's folder, or the index over its shards, is not what a run needs.
public enum CheckpointError: Failure, Equatable {
    // The folder.
    case noModelIndex(folder: String)
    case missingComponent(file: String, component: String)
    case unknownComponent(file: String, component: String)
    case malformedComponent(file: String, component: String)
    case unknownClass(file: String, component: String, found: String, supported: [String])
    case licenceIsNotText(file: String)

    // Files of weights.
    case noWeights(folder: String, expected: [String])
    case ambiguousWeights(folder: String, single: String, index: String)
    case noWeightMap(index: String)
    case tooManyShards(index: String, limit: Int)
    case tooManyTensors(index: String, limit: Int)
    case shardName(index: String, shard: String)
    case missingShard(index: String, shard: String)
    case incompleteShards(index: String, shard: String, found: Int)
    case extraShard(index: String, shard: String)
    case duplicateTensor(tensor: String, first: String, second: String)
    case tensorNotInShard(index: String, tensor: String, shard: String)
    case tensorNotInIndex(index: String, tensor: String, shard: String)
    case tensorInOtherShard(index: String, tensor: String, expected: String, found: String)

    // Tensors.
    case missingTensor(folder: String, tensor: String)
    case wrongShape(folder: String, tensor: String, expected: [Int], found: [Int])
    case elementsOutOfRange(tensor: String, elements: Range<Int>, count: Int)

    public var exitCode: ExitCode {
        switch self {
        case .noModelIndex, .noWeights, .missingShard: .missingInput
        case .elementsOutOfRange: .internalFailure
        default: .badInput
        }
    }

    public var description: String {
        switch self {
        case .noModelIndex(let folder):
            """
            \(quoted(folder)) holds no model_index.json: name the folder of a diffusers pipeline, with \
            transformer, text_encoder, tokenizer, vae and scheduler in it.
            """
        case .missingComponent(let file, let component):
            "\(quoted(file)) names no \(quoted(component)), which a Sana pipeline needs."
        case .unknownComponent(let file, let component):
            "\(quoted(file)) names the component \(quoted(component)), which a Sana pipeline does not have."
        case .malformedComponent(let file, let component):
            "\(quoted(file)) should give \(quoted(component)) as a list of a library and a class."
        case .unknownClass(let file, let component, let found, let supported):
            """
            \(quoted(file)) names the class \(quoted(found)) for \(quoted(component)), which is not supported; \
            supported: \(supported.joined(separator: ", ")).
            """
        case .licenceIsNotText(let file):
            "\(quoted(file)) should be a licence's text and is not UTF-8."
        case .noWeights(let folder, let expected):
            "\(quoted(folder)) holds no weights: expected \(expected.joined(separator: " or "))."
        case .ambiguousWeights(let folder, let single, let index):
            """
            \(quoted(folder)) holds both \(quoted(single)) and \(quoted(index)), and it is unclear which of the \
            two is meant; move one away.
            """
        case .noWeightMap(let index):
            "\(quoted(index)) has no \"weight_map\"."
        case .tooManyShards(let index, let limit):
            "\(quoted(index)) names more than \(limit) shards."
        case .tooManyTensors(let index, let limit):
            "\(quoted(index)) lists more than \(limit) tensors."
        case .shardName(let index, let shard):
            """
            \(quoted(index)) names the shard \(quoted(shard)), expected a name that ends in .safetensors, without \
            a folder.
            """
        case .missingShard(let index, let shard):
            "\(quoted(index)) names the shard \(quoted(shard)), which does not exist beside it."
        case .incompleteShards(let index, let shard, let found):
            "\(quoted(index)) names \(found) shards, which does not fit the name of \(quoted(shard))."
        case .extraShard(let index, let shard):
            "\(quoted(index)) does not name the shard \(quoted(shard)), which lies beside it."
        case .duplicateTensor(let tensor, let first, let second):
            "Tensor \(quoted(tensor)) is in \(quoted(first)) and again in \(quoted(second))."
        case .tensorNotInShard(let index, let tensor, let shard):
            "\(quoted(index)) puts tensor \(quoted(tensor)) into \(quoted(shard)), which does not hold it."
        case .tensorNotInIndex(let index, let tensor, let shard):
            "\(quoted(index)) does not list tensor \(quoted(tensor)), which \(quoted(shard)) holds."
        case .tensorInOtherShard(let index, let tensor, let expected, let found):
            """
            \(quoted(index)) puts tensor \(quoted(tensor)) into \(quoted(expected)), and it is in \
            \(quoted(found)).
            """
        case .missingTensor(let folder, let tensor):
            "\(quoted(folder)) has no tensor \(quoted(tensor)), which its configuration calls for."
        case .wrongShape(let folder, let tensor, let expected, let found):
            """
            Tensor \(quoted(tensor)) in \(quoted(folder)) has the shape \(found), and its configuration calls for \
            \(expected).
            """
        case .elementsOutOfRange(let tensor, let elements, let count):
            "Elements \(elements) of tensor \(quoted(tensor)) were asked for, and it has \(count)."
        }
    }
}
