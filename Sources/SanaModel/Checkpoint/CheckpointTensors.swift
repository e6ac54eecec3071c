/// The tensors of one component's folder, in one safetensors file or in several with an index.
public final class CheckpointTensors: Sendable {
    public let folder: String
    /// The safetensors files, for hashes in a report.
    public let files: [SafetensorsFile]
    private let places: [ByteString: Place]

    private struct Place {
        let file: Int
        let entry: Int
    }

    /// Opens `BASE.safetensors`, or `BASE.safetensors.index.json` and its shards, in `folder`. Where there is none,
    /// variants are looked for: `BASE.fp16.safetensors`, then `BASE.bf16.safetensors`, `BASE.fp32.safetensors`, or their
    /// indices.
    ///
    /// - Parameters:
    ///   - baseNames: e.g. `diffusion_pytorch_model` or `model`; the first that exists is taken.
    ///   - prefix: taken off the names that have it.
    /// - Throws: `FileError`, `JSONError`, `SafetensorsError`, `CheckpointError`.
    public init(folder: String, baseNames: [String], removingPrefix prefix: String = "") throws {
        self.folder = folder
        let weights = try findWeights(folder: folder, baseNames: baseNames)
        switch weights {
        case .single(let name):
            files = [try SafetensorsFile(path: "\(folder)/\(name)")]
        case .sharded(let name):
            files = try openShards(folder: folder, indexName: name)
        }
        var places: [ByteString: Place] = [:]
        for (fileNumber, file) in files.enumerated() {
            for (entryNumber, entry) in file.entries.enumerated() {
                let name = entry.name.removing(prefix: prefix)
                let place = Place(file: fileNumber, entry: entryNumber)
                if let other = places.updateValue(place, forKey: name) {
                    throw CheckpointError.duplicateTensor(
                        tensor: name.string, first: files[other.file].path, second: file.path)
                }
            }
        }
        self.places = places
    }

    /// Sorted by their bytes.
    public var names: [String] { places.keys.sorted().map(\.string) }

    /// The tensor of a name; nil where there is none.
    ///
    /// - Throws: `SafetensorsError.unsupportedType`.
    public func entry(_ name: String) throws -> CheckpointTensor? {
        guard let place = places[ByteString(name)] else { return nil }
        let file = files[place.file]
        return try file.tensor(file.entries[place.entry])
    }

    /// The tensor of a name, which must be there in the shape that the configuration calls for.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `CheckpointError.wrongShape`, `SafetensorsError.unsupportedType`.
    public func tensor(_ name: String, shape: [Int]) throws -> CheckpointTensor {
        guard let tensor = try entry(name) else {
            throw CheckpointError.missingTensor(folder: folder, tensor: name)
        }
        guard tensor.shape == shape else {
            throw CheckpointError.wrongShape(
                folder: folder, tensor: name, expected: shape, found: tensor.shape)
        }
        return tensor
    }

    /// The bytes of some elements, little endian, counted row by row.
    public func readBytes(_ tensor: CheckpointTensor, elements: Range<Int>) throws -> [UInt8] {
        try tensor.readBytes(elements: elements)
    }
}

private enum Weights {
    case single(name: String)
    case sharded(index: String)
}

private func findWeights(folder: String, baseNames: [String]) throws -> Weights {
    guard somethingExists(at: folder) else { throw FileError.missing(path: folder) }
    for base in baseNames {
        for variant in ["", ".fp16", ".bf16", ".fp32"] {
            let single = "\(base)\(variant).safetensors"
            // Two spellings of a variant's index are in use.
            let indices = Set([
                "\(base)\(variant).safetensors.index.json", "\(base).safetensors.index\(variant).json",
            ])
            let index = indices.sorted().first { somethingExists(at: "\(folder)/\($0)") }
            switch (somethingExists(at: "\(folder)/\(single)"), index) {
            case (true, nil): return .single(name: single)
            case (false, let index?): return .sharded(index: index)
            case (true, let index?):
                throw CheckpointError.ambiguousWeights(folder: folder, single: single, index: index)
            case (false, nil): continue
            }
        }
    }
    throw CheckpointError.noWeights(
        folder: folder, expected: baseNames.flatMap { ["\($0).safetensors", "\($0).safetensors.index.json"] })
}

private func openShards(folder: String, indexName: String) throws -> [SafetensorsFile] {
    let index = try ShardIndex(path: "\(folder)/\(indexName)")
    for shard in index.shards where !somethingExists(at: "\(folder)/\(shard.string)") {
        throw CheckpointError.missingShard(index: index.path, shard: shard.string)
    }
    try refuseExtraShards(index, folder: folder)
    var owner: [ByteString: ByteString] = [:]
    let files = try index.shards.map { shard in
        let path = "\(folder)/\(shard.string)"
        let file = try SafetensorsFile(path: path)
        for entry in file.entries {
            let tensor = entry.name.string
            if let first = owner.updateValue(shard, forKey: entry.name) {
                throw CheckpointError.duplicateTensor(
                    tensor: tensor, first: "\(folder)/\(first.string)", second: path)
            }
            guard let expected = index.shardOfTensor[entry.name] else {
                throw CheckpointError.tensorNotInIndex(index: index.path, tensor: tensor, shard: shard.string)
            }
            guard expected == shard else {
                throw CheckpointError.tensorInOtherShard(
                    index: index.path, tensor: tensor, expected: expected.string, found: shard.string)
            }
        }
        return file
    }
    for (tensor, shard) in index.shardOfTensor.sorted(by: { $0.key < $1.key }) where owner[tensor] == nil {
        throw CheckpointError.tensorNotInShard(
            index: index.path, tensor: tensor.string, shard: shard.string)
    }
    return files
}

/// A shard that lies beside the index and carries the numbers of its series should be named in it.
private func refuseExtraShards(_ index: ShardIndex, folder: String) throws {
    let series = Set(index.shards.compactMap { seriesName(ofShard: $0.string) })
    let named = Set(index.shards)
    for name in try fileNames(inFolder: folder) where !named.contains(ByteString(name)) {
        if let own = seriesName(ofShard: name), series.contains(own) {
            throw CheckpointError.extraShard(index: index.path, shard: name)
        }
    }
}

/// A shard's name without the numbers: those of one series have it in common.
private func seriesName(ofShard name: String) -> ByteString? {
    guard name.hasSuffix(".safetensors"), shardCount(inName: name) != nil else { return nil }
    return ByteString(String(name.unicodeScalars.filter { !("0"..."9").contains($0) }.map(Character.init)))
}

extension ByteString {
    func removing(prefix: String) -> ByteString {
        bytes.starts(with: prefix.utf8) ? ByteString(bytes: Array(bytes.dropFirst(prefix.utf8.count))) : self
    }
}
