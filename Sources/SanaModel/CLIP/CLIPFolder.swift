/// A CLIP checkpoint: a folder in transformers' layout.
public struct CLIPFolder: Sendable {
    public let path: String
    public let config: CLIPConfig
    public let imageSettings: CLIPImageSettings
    public let tokenizerTables: CLIPTokenizerTables
    /// Under transformers' names.
    public let tensors: CheckpointTensors

    /// Reads all but the weights, whose files are held against their headers.
    ///
    /// - Throws: `FileError`, `JSONError`, `ConfigError`, `TokenizerError`, `SafetensorsError`, `CheckpointError`.
    public init(path: String) throws {
        func configuration(_ name: String) throws -> JSON {
            let file = "\(path)/\(name)"
            return try JSON.parse(
                readWholeFile(file, limit: CheckpointFolder.configurationLimit), name: file)
        }
        self.path = path
        guard somethingExists(at: path) else { throw FileError.missing(path: path) }
        config = try CLIPConfig(configuration("config.json"), file: quoted("\(path)/config.json"))
        imageSettings = try Self.imageSettings(path, configuration)
        tokenizerTables = try CLIPTokenizerTables(folder: path)
        tensors = try CheckpointTensors(folder: path, baseNames: ["model"])
    }

    /// Whether a file of this name is one of those that make a CLIP checkpoint.
    public static func reads(_ name: String) -> Bool {
        let configurations = [
            "config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json",
            "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt",
        ]
        return configurations.contains(name) || name.hasPrefix("model") && name.contains(".safetensors")
    }

    /// From `preprocessor_config.json`, or from the newer `processor_config.json` that holds it.
    private static func imageSettings(
        _ path: String, _ configuration: (String) throws -> JSON
    ) throws -> CLIPImageSettings {
        let newer = "processor_config.json"
        if !somethingExists(at: "\(path)/preprocessor_config.json"), somethingExists(at: "\(path)/\(newer)"),
            let json = try configuration(newer)["image_processor"]
        {
            return try CLIPImageSettings(json, file: "\(quoted("\(path)/\(newer)")), image_processor")
        }
        let name = "preprocessor_config.json"
        return try CLIPImageSettings(configuration(name), file: quoted("\(path)/\(name)"))
    }

    /// XXH64 of everything that a score depends on: configurations, tokenizer and weights.
    ///
    /// - Throws: `FileError`.
    public func fingerprint() throws -> UInt64 {
        var hash = XXH64()
        let names = try fileNames(inFolder: path).filter {
            Self.reads($0) && ($0.hasSuffix(".json") || $0.hasSuffix(".txt"))
        }
        for file in names.map({ "\(path)/\($0)" }) + tensors.files.map(\.path) {
            let reader = try FileReader(path: file)
            var offset = 0
            while offset < reader.size {
                let count = min(1 << 20, reader.size - offset)
                hash.update(try reader.read(at: offset, count: count))
                offset += count
            }
        }
        return hash.finish()
    }
}
