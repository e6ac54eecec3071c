/// A checkpoint: a diffusers pipeline's folder.
public struct CheckpointFolder: Sendable {
    /// The largest configuration file that is read.
    public static let configurationLimit = 1 << 20
    private static let licenceLimit = 1 << 20

    public let path: String
    /// The pipeline's class.
    public let pipeline: String
    /// The class that `model_index.json` names for each component, "scheduler" and "tokenizer" among them.
    public let classes: [String: String]

    /// Reads `model_index.json` and refuses what is no Sana pipeline, by name.
    ///
    /// - Throws: `FileError`, `JSONError`, `CheckpointError`.
    public init(path: String) throws {
        guard try canFindSomething(at: path) else { throw FileError.missing(path: path) }
        let indexPath = "\(path)/model_index.json"
        guard try canFindSomething(at: indexPath) else { throw CheckpointError.noModelIndex(folder: path) }
        self.path = path
        let index = try readConfiguration(indexPath)
        self.pipeline = try readPipeline(index, file: indexPath)
        self.classes = try readClasses(index, file: indexPath)
    }

    // MARK: Configurations

    /// `COMPONENT/config.json`, for messages.
    public func configurationPath(_ component: Component) -> String {
        "\(path)/\(component.rawValue)/config.json"
    }

    public var schedulerConfigurationPath: String { "\(path)/scheduler/scheduler_config.json" }

    /// A component's configuration as its file has it.
    ///
    /// - Throws: `FileError`, `JSONError`.
    public func configuration(_ component: Component) throws -> JSON {
        try readConfiguration(configurationPath(component))
    }

    /// The scheduler's configuration as its file has it, with the class that `model_index.json` names where the file
    /// names none.
    ///
    /// - Throws: `FileError`, `JSONError`; `ConfigError` where the two name different classes.
    public func schedulerConfiguration() throws -> JSON {
        let json = try readConfiguration(schedulerConfigurationPath)
        guard var object = json.objectValue, let expected = classes["scheduler"] else { return json }
        let key = "_class_name"
        switch object[key] {
        case nil, .null?: object[key] = .string(expected)
        case let found? where found != .string(expected):
            throw ConfigError.contradiction(
                file: schedulerConfigurationPath,
                what: "\(quoted(key)) is \(found.serialized()) where model_index.json has \(quoted(expected))"
            )
        default: break
        }
        return .object(object)
    }

    /// The pipeline of models that were distilled to a few steps.
    public static let fewStepPipeline = "SanaSprintPipeline"

    // MARK: Weights

    /// The tensors of a component, under the names that its configuration's `tensors` spell.
    public func tensors(_ component: Component) throws -> CheckpointTensors {
        let folder = "\(path)/\(component.rawValue)"
        switch component {
        case .transformer, .decoder:
            return try CheckpointTensors(folder: folder, baseNames: ["diffusion_pytorch_model"])
        case .textEncoder:
            // A file saved from the whole language model has its decoder's tensors below `model.`.
            return try CheckpointTensors(folder: folder, baseNames: ["model"], removingPrefix: "model.")
        }
    }

    // MARK: Tokenizer and licence

    /// The tokenizer's tables as transformers would set them up for this folder.
    ///
    /// - Throws: `FileError`, `JSONError`, `TokenizerError`.
    public func tokenizerTables() throws -> TokenizerTables {
        try TokenizerTables(folder: "\(path)/tokenizer")
    }

    /// The licence's text, where the folder has one: a file `LICENSE…` or `LICENCE…`, otherwise the lines of
    /// README.md that name a licence.
    public func licence() throws -> String? {
        let names = try fileNames(inFolder: path)
        if let name = names.first(where: isLicenceName) {
            return try readText("\(path)/\(name)")
        }
        guard names.contains("README.md") else { return nil }
        let lines = try readText("\(path)/README.md").split(whereSeparator: \.isNewline).filter { line in
            ["license:", "license_name:", "license_link:"].contains { line.hasPrefix($0) }
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private func readText(_ path: String) throws -> String {
        guard let text = String(validating: try readWholeFile(path, limit: Self.licenceLimit), as: UTF8.self)
        else {
            throw CheckpointError.licenceIsNotText(file: path)
        }
        return text
    }
}

/// The classes that this project runs, per component of `model_index.json`.
private let supportedClasses: [(component: String, classes: [String])] = [
    ("transformer", ["SanaTransformer2DModel"]),
    ("text_encoder", ["Gemma2Model", "Gemma2ForCausalLM"]),
    ("tokenizer", ["GemmaTokenizer", "GemmaTokenizerFast"]),
    ("vae", ["AutoencoderDC"]),
    ("scheduler", SchedulerConfig.classes),
]
private let supportedPipelines = ["SanaPipeline", CheckpointFolder.fewStepPipeline]

private func readPipeline(_ index: JSON, file: String) throws -> String {
    guard let pipeline = index["_class_name"]?.stringValue else {
        throw CheckpointError.missingComponent(file: file, component: "_class_name")
    }
    guard supportedPipelines.contains(where: { ByteString($0) == ByteString(pipeline) }) else {
        throw CheckpointError.unknownClass(
            file: file, component: "_class_name", found: pipeline, supported: supportedPipelines)
    }
    return pipeline
}

private func readClasses(_ index: JSON, file: String) throws -> [String: String] {
    for member in index.objectValue?.members ?? [] {
        let name = member.key.string
        guard !name.hasPrefix("_"), !supportedClasses.contains(where: { $0.component == name }) else {
            continue
        }
        // Components that a pipeline was saved without are lists of two nulls.
        guard member.value == [nil, nil] else {
            throw CheckpointError.unknownComponent(file: file, component: name)
        }
    }
    var classes: [String: String] = [:]
    for (component, supported) in supportedClasses {
        guard let value = index[component] else {
            throw CheckpointError.missingComponent(file: file, component: component)
        }
        guard let pair = value.arrayValue, pair.count == 2, let found = pair[1].stringValue else {
            throw CheckpointError.malformedComponent(file: file, component: component)
        }
        guard supported.contains(where: { ByteString($0) == ByteString(found) }) else {
            throw CheckpointError.unknownClass(
                file: file, component: component, found: found, supported: supported)
        }
        classes[component] = found
    }
    return classes
}

private func readConfiguration(_ path: String) throws -> JSON {
    try JSON.parse(readWholeFile(path, limit: CheckpointFolder.configurationLimit), name: path)
}

private func isLicenceName(_ name: String) -> Bool {
    let upper = name.uppercased()
    return upper.hasPrefix("LICENSE") || upper.hasPrefix("LICENCE")
}
