/// Where a pack's bytes go.
public protocol PackOutput: Sendable {
    /// Where what has been written can be read.
    var readablePath: String { get }
    func write(_ bytes: [UInt8], at offset: Int) throws(OutputError)
    /// The last byte has been written: makes the pack be there.
    func commit() throws(OutputError)
    /// Gives the pack up: nothing of it stays.
    func abandon()
}

extension AtomicFile: PackOutput {}

/// Writes a pack, front to back.
///
/// Tensors go in one by one in execution order: `begin`, `append` for each chunk, `end`. One thread writes;
/// `ChunkCodec.encode` is what other threads do.
public final class PackWriter {
    private let file: any PackOutput
    private var table = PackTable()
    private var names: Set<String> = []
    private var blobs: [PackBlob: [EncodedChunk]] = [:]
    private var current: TensorInProgress?
    /// Bytes that have been written.
    package private(set) var offset = PackHeader.dataOffset
    private var dataHash = XXH64()

    /// A tensor between `begin` and `end`.
    private struct TensorInProgress {
        let name: String
        let scheme: Scheme
        let elementType: ElementType
        let shape: [Int]
        let rowBytes: Int
        let byteCount: Int
        let firstChunk: Int
        var written = 0
    }

    /// Writes into a file that appears under its name only when it is whole.
    ///
    /// - Parameter expectedSize: bytes that are sure to be needed; fewer free ones on the disk are an error.
    /// - Throws: `OutputError`.
    public convenience init(target: String, overwrite: Bool, expectedSize: Int = 0) throws {
        try self.init(AtomicFile(target: target, overwrite: overwrite, expectedSize: expectedSize))
    }

    /// - Throws: `OutputError`.
    public init(_ output: any PackOutput) throws {
        file = output
        let start = [UInt8](repeating: 0, count: PackHeader.dataOffset)
        try file.write(start, at: 0)
    }

    /// Starts a tensor of 1 to 5 dimensions, the first of which counts the rows.
    ///
    /// - Parameter name: `TensorSpec.packName`.
    /// - Parameter shape: `TensorSpec.packShape(scheme)`.
    public func begin(_ name: String, _ scheme: Scheme, _ elementType: ElementType, _ shape: [Int]) throws {
        guard current == nil else { throw PackWriteError.unfinished(name: current?.name ?? "") }
        guard PackTensor.isName(name.utf8), names.insert(name).inserted else {
            throw PackWriteError.name(name)
        }
        guard scheme.elementTypes.contains(elementType), !scheme.isQuantized || shape.count == 2 else {
            throw PackWriteError.scheme(name: name, scheme, elementType)
        }
        var byteCount = elementType.byteCount
        for dimension in shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: dimension)
            guard dimension >= 1, !overflow else { throw PackWriteError.shape(name: name, shape) }
            byteCount = product
        }
        guard (1...PackTensor.maximumDimensions).contains(shape.count),
            byteCount / shape[0] <= ChunkPlan.maximumSize, table.tensors.count < PackTable.tensorLimit
        else { throw PackWriteError.shape(name: name, shape) }
        current = TensorInProgress(
            name: name, scheme: scheme, elementType: elementType, shape: shape,
            rowBytes: byteCount / shape[0],
            byteCount: byteCount, firstChunk: table.chunks.count)
    }

    /// Writes the tensor's next chunk: `ChunkPlan.rowsPerChunk(rowBytes:)` rows, or those that are left.
    public func append(_ chunk: EncodedChunk) throws {
        guard let tensor = current else { throw PackWriteError.noTensor }
        let rows = ChunkPlan.rowsPerChunk(rowBytes: tensor.rowBytes)
        let expected = min(rows * tensor.rowBytes, tensor.byteCount - tensor.written)
        guard chunk.size == expected, chunk.elementType == tensor.elementType else {
            throw PackWriteError.chunk(name: tensor.name, found: chunk.size, expected: expected)
        }
        try write(chunk)
        current?.written += chunk.size
    }

    /// Ends the tensor; a quantized one gets its scales, one for each row, as the tensor `<name>_scale`.
    public func end(scales: [Float] = []) throws {
        guard let tensor = current else { throw PackWriteError.noTensor }
        guard tensor.written == tensor.byteCount else { throw PackWriteError.unfinished(name: tensor.name) }
        let isQuantized = tensor.scheme.isQuantized
        guard scales.count == (isQuantized ? tensor.shape[0] : 0) else {
            throw PackWriteError.scaleCount(name: tensor.name, found: scales.count)
        }
        if let row = scales.firstIndex(where: { !ValueCheck.isScale($0) }) {
            throw PackWriteError.scale(name: tensor.name, row: row, scales[row])
        }
        list(tensor, scaleIndex: isQuantized ? table.tensors.count + 1 : nil, isScale: false)
        current = nil
        guard isQuantized else { return }

        try begin(tensor.name + PackTensor.scaleSuffix, .f32, .f32, [scales.count])
        let rows = ChunkPlan.rowsPerChunk(rowBytes: ElementType.f32.byteCount)
        for start in stride(from: 0, to: scales.count, by: rows) {
            var record = RecordWriter()
            for scale in scales[start..<min(start + rows, scales.count)] { record.append(scale.bitPattern) }
            try append(try ChunkCodec.encode(record.bytes, elementType: .f32))
        }
        if let scale = current { list(scale, scaleIndex: nil, isScale: true) }
        current = nil
    }

    /// The tensors that are written so far, for what is computed with the pack's own weights.
    public func reader(manifest: Manifest) throws -> PackReader {
        try PackReader(PackArchive(path: file.readablePath, unfinished: table), manifest: manifest)
    }

    /// Adds a blob, at any time. An empty one is the same as none.
    public func add(_ kind: PackBlob, _ bytes: [UInt8]) throws {
        guard blobs[kind] == nil else { throw PackWriteError.blobTwice(kind) }
        guard bytes.count <= kind.limit else {
            throw PackWriteError.blobSize(kind, found: bytes.count, limit: kind.limit)
        }
        guard !bytes.isEmpty else { return }
        blobs[kind] = try stride(from: 0, to: bytes.count, by: ChunkPlan.targetSize).map { start in
            let end = min(start + ChunkPlan.targetSize, bytes.count)
            return try ChunkCodec.encode(Array(bytes[start..<end]), elementType: .i8)
        }
    }

    public func add(_ manifest: Manifest) throws {
        try add(.manifest, Array(manifest.json.serialized().utf8))
    }

    /// Writes what is left, brings all to the disk and the pack to its name.
    ///
    /// - Returns: bytes of the pack.
    public func finish() throws -> Int {
        if let current { throw PackWriteError.unfinished(name: current.name) }
        guard blobs[.manifest] != nil else { throw PackWriteError.noManifest }
        for kind in PackBlob.allCases {
            guard let chunks = blobs[kind] else { continue }
            let first = table.chunks.count
            for chunk in chunks { try write(chunk) }
            table.blobs.append(
                StoredBlob(
                    kind: kind, size: chunks.reduce(0) { $0 + $1.size },
                    chunkRange: first..<table.chunks.count))
        }
        table.dataHash = dataHash.finish()
        let bytes = table.encoded()
        guard bytes.count <= PackHeader.tableLimit else { throw PackWriteError.tableSize(bytes.count) }
        try file.write(bytes, at: offset)
        let header = PackHeader(tableOffset: offset, tableSize: bytes.count, tableHash: XXH64.hash(bytes))
        try file.write(header.encoded(), at: 0)
        try file.commit()
        return offset + bytes.count
    }

    /// Gives the pack up: nothing is left behind, and a pack that was there before stays.
    public func abandon() {
        file.abandon()
    }

    private func write(_ chunk: EncodedChunk) throws {
        try file.write(chunk.bytes, at: offset)
        dataHash.update(chunk.bytes)
        table.chunks.append(
            StoredChunk(
                offset: offset, storedSize: chunk.storedSize, size: chunk.size, storage: chunk.storage,
                filter: chunk.filter, hash: chunk.hash))
        offset += chunk.storedSize
    }

    private func list(_ tensor: TensorInProgress, scaleIndex: Int?, isScale: Bool) {
        let range = tensor.firstChunk..<table.chunks.count
        table.tensors.append(
            PackTensor(
                name: tensor.name, scheme: tensor.scheme, elementType: tensor.elementType,
                shape: tensor.shape,
                chunkRange: range, rowsPerChunk: table.chunks[range.lowerBound].size / tensor.rowBytes,
                scaleIndex: scaleIndex, isScale: isScale,
                storedByteCount: table.chunks[range].reduce(0) { $0 + $1.storedSize }))
    }
}
