import SanaModel

extension ModelConfigs {
    /// The configurations of a checkpoint's folder.
    init(_ folder: CheckpointFolder) throws {
        try self.init(
            textEncoder: folder.configuration(.textEncoder), transformer: folder.configuration(.transformer),
            decoder: folder.configuration(.decoder), scheduler: folder.schedulerConfiguration(),
            file: { name in
                quoted(
                    Component(rawValue: name).map(folder.configurationPath)
                        ?? folder.schedulerConfigurationPath)
            })
        guard (folder.pipeline == CheckpointFolder.fewStepPipeline) == isFewStep else {
            throw ConfigError.contradiction(
                file: quoted(folder.schedulerConfigurationPath),
                what: "\(scheduler.className) does not go with the pipeline \(folder.pipeline)")
        }
    }
}

extension Manifest {
    /// What the pack of this checkpoint says about itself.
    init(
        tool: String, _ folder: CheckpointFolder, _ configs: ModelConfigs, _ policy: Policy,
        sources: [Source],
        licence: String, hasInstruction: Bool
    ) throws {
        var components: [Component: JSON] = [:]
        for component in Component.allCases { components[component] = try folder.configuration(component) }
        self.init(
            tool: tool, modelName: Self.modelName(ofFolder: folder.path),
            modelClass: folder.pipeline, licence: Self.licenceName(licence),
            policy: AppliedPolicy(name: policy.name, text: policy.yaml), components: components,
            scheduler: try folder.schedulerConfiguration(),
            defaults: Defaults(
                width: configs.trainedSize, height: configs.trainedSize,
                steps: configs.isFewStep ? 2 : 20, guidance: 4.5, seed: 0),
            sources: sources, hasInstruction: hasInstruction, isCalibrated: false)
    }

    /// The last part of the folder's path.
    private static func modelName(ofFolder path: String) -> String {
        path.split(separator: "/").last { $0 != "." }.map(String.init) ?? path
    }

    /// The name in a README's `license_name:` or `license:` line, or else the first line of a licence.
    private static func licenceName(_ text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline)
        for key in ["license_name:", "license:"] {
            if let line = lines.first(where: { $0.hasPrefix(key) }) {
                return trimmed(line.dropFirst(key.count))
            }
        }
        return lines.lazy.map(trimmed).first { !$0.isEmpty }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isInner: (Character) -> Bool = { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
        guard let first = text.firstIndex(where: isInner), let last = text.lastIndex(where: isInner) else {
            return ""
        }
        return String(text[first...last].prefix(120))
    }
}
