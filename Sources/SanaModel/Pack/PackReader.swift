/// An open pack: a container that has been held against the model its manifest describes.
///
/// Opening checks the header, the table of contents, the manifest and its configurations, and that exactly
/// the tensors that these call for are there, with shapes and schemes that the runtime can work with. Chunks
/// are read when asked for and checked then. Threads may share one.
public final class PackReader: Sendable {
    public let path: String
    public let manifest: Manifest
    /// The configurations in the manifest.
    public let configs: ModelConfigs
    private let archive: PackArchive

    /// - Throws: `FileError`, `PackError`, `JSONError`, `ConfigError`.
    public convenience init(path: String) throws {
        try self.init(path: path, components: Component.allCases)
    }

    /// Opens a pack that holds the tensors of some components only, as benchmarks make them.
    package init(path: String, components: [Component]) throws {
        self.path = path
        archive = try PackArchive(path: path)
        do {
            let bytes = try archive.blob(.manifest) ?? []
            let json = try JSON.parse(bytes, name: "\(path), manifest")
            manifest = try Manifest(json)
            configs = try manifest.configs(of: path)
            guard let specs = configs.tensors(withFactors: manifest.inputFactors) else {
                throw ManifestFault.wrongType(
                    key: "inputFactors", expected: "a list of the model's factors, each once")
            }
            try archive.requireTensors(specs.filter { components.contains($0.component) })
            try archive.requireInt8(behind: configs.transformer.inputFactors)
            try archive.requireInstruction(manifest.hasInstruction)
            try archive.requirePrefix(tokens: manifest.prefixTokens, configs.textEncoder)
        } catch let fault as ManifestFault {
            throw PackError.manifest(path: path, fault)
        } catch let fault as ModelFault {
            throw PackError.model(path: path, fault)
        }
    }

    /// A pack whose tensors are written and whose table is not, for what is computed with its weights.
    init(_ archive: PackArchive, manifest: Manifest) throws {
        path = archive.path
        self.archive = archive
        self.manifest = manifest
        configs = try manifest.configs(of: archive.path)
    }

    /// Bytes of the file.
    public var fileSize: Int { archive.fileSize }

    /// Tells this pack from any with other weights, another manifest or another tokenizer.
    public var fingerprint: UInt64 { archive.tableHash }

    /// All tensors in execution order, each quantized one followed by its scales.
    public var tensors: [PackTensor] { archive.tensors }

    public func tensor(_ name: String) -> PackTensor? { archive.tensor(name) }

    /// A tensor that the configurations call for.
    public func requiredTensor(_ name: String) throws -> PackTensor {
        guard let tensor = archive.tensor(name) else {
            throw PackError.model(path: path, .missing(name))
        }
        return tensor
    }

    /// The scales of a quantized tensor, float32 `[rows]`.
    public func scales(of tensor: PackTensor) throws -> PackTensor {
        guard let index = tensor.scaleIndex, tensors.indices.contains(index) else {
            throw PackError.tensor(path: path, name: tensor.name, .noScale)
        }
        return tensors[index]
    }

    /// The elements of chunk `index` of a tensor, from 0: the rows `tensor.rows(ofChunk: index)`.
    ///
    /// - Throws: `FileError`, `PackError.chunk`.
    public func chunk(_ tensor: PackTensor, _ index: Int) throws -> [UInt8] {
        try archive.chunk(tensor, index)
    }

    /// The same into `target`, which has exactly the size of those rows.
    public func chunk(_ tensor: PackTensor, _ index: Int, into target: UnsafeMutableRawBufferPointer) throws {
        try unsafe archive.chunk(tensor, index, into: target)
    }

    /// All elements of a tensor.
    public func values(_ tensor: PackTensor) throws -> [UInt8] { try archive.values(tensor) }

    /// The bytes of a blob; nil where the pack has none.
    public func blob(_ kind: PackBlob) throws -> [UInt8]? { try archive.blob(kind) }

    /// Some bytes of a blob; nil where the pack has none, or fewer.
    public func blob(_ kind: PackBlob, _ range: Range<Int>) throws -> [UInt8]? {
        try archive.blob(kind, range)
    }

    /// Where the tensors of some names stand in the file: ranges of bytes, in its order.
    package func storedRanges(where isWanted: (String) -> Bool) -> [Range<Int>] {
        archive.storedRanges(where: isWanted)
    }

    /// A thread that reads parts of the file before they are wanted.
    package func readAhead() -> ReadAhead { archive.readAhead() }

    /// The bytes of a blob that a run cannot do without.
    public func requiredBlob(_ kind: PackBlob) throws -> [UInt8] {
        guard let bytes = try archive.blob(kind) else {
            throw PackError.model(path: path, .missing(kind.title))
        }
        return bytes
    }

    /// Bytes of a blob in memory and in the file; nil where the pack has none.
    public func size(of kind: PackBlob) -> (bytes: Int, stored: Int)? { archive.size(of: kind) }

    /// Reads everything, so that all damage is found.
    ///
    /// `progress` takes the share that is done, 0 to 1, and may throw to stop.
    public func verify(progress: (Double) throws -> Void) throws { try archive.verify(progress: progress) }
}
