/// `*.safetensors.index.json`: which shard holds which tensor.
struct ShardIndex {
    static let shardLimit = 256
    static let tensorLimit = SafetensorsHeader.tensorLimit

    let path: String
    private(set) var shardOfTensor: [ByteString: ByteString] = [:]
    private(set) var shards: [ByteString] = []

    /// Reads the index and holds the names of its shards against each other.
    ///
    /// - Throws: `FileError`, `JSONError`, `CheckpointError`.
    init(path: String) throws {
        self.path = path
        let file = try FileReader(path: path)
        var json = JSONReader(file: file, range: 0..<file.size, name: path)
        var hasMap = false
        try json.readObject { json, key in
            if key == "weight_map" {
                hasMap = true
                try readMap(&json)
            } else {
                try json.skipValue()
            }
        }
        try json.finish()
        guard hasMap else { throw CheckpointError.noWeightMap(index: path) }
        shards.sort()
        for shard in shards {
            guard let count = shardCount(inName: shard.string), count != shards.count else { continue }
            throw CheckpointError.incompleteShards(index: path, shard: shard.string, found: shards.count)
        }
    }

    private mutating func readMap(_ json: inout JSONReader) throws {
        var seen: Set<ByteString> = []
        try json.readObject { json, tensor in
            guard shardOfTensor.count < Self.tensorLimit else {
                throw CheckpointError.tooManyTensors(index: path, limit: Self.tensorLimit)
            }
            let shard = try json.readString()
            guard isPlainShardName(shard) else {
                throw CheckpointError.shardName(index: path, shard: shard.string)
            }
            shardOfTensor[tensor] = shard
            if seen.insert(shard).inserted {
                guard shards.count < Self.shardLimit else {
                    throw CheckpointError.tooManyShards(index: path, limit: Self.shardLimit)
                }
                shards.append(shard)
            }
        }
    }
}

/// Whether a name stays in its folder.
private func isPlainShardName(_ name: ByteString) -> Bool {
    let bytes = name.bytes
    return bytes.count <= 255 && bytes.first != UInt8(ascii: ".")
        && bytes.suffix(12) == Array(".safetensors".utf8)[...]
        && !bytes.contains(UInt8(ascii: "/")) && !bytes.contains { $0 < 0x20 || $0 == 0x7F }
}

/// n of a name such as `model-00001-of-0000n.safetensors`.
func shardCount(inName name: String) -> Int? {
    guard
        let stem = name.split(separator: ".", omittingEmptySubsequences: false).first(where: {
            $0.contains("-of-")
        })
    else { return nil }
    let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[parts.count - 2] == "of", Int(parts[parts.count - 3]) != nil else {
        return nil
    }
    return Int(parts[parts.count - 1])
}
