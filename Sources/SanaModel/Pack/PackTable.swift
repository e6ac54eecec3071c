/// Where a chunk stands and how to undo what was done to it.
struct StoredChunk: Sendable, Equatable {
    let offset: Int
    /// Bytes in the file.
    let storedSize: Int
    /// Bytes of the elements.
    let size: Int
    let storage: ChunkStorage
    let filter: ChunkFilter
    /// XXH64 of the elements.
    let hash: UInt64
}

struct StoredBlob: Sendable, Equatable {
    let kind: PackBlob
    let size: Int
    let chunkRange: Range<Int>
}

/// The table of contents: what a pack holds, and where.
///
/// Tensors stand in execution order, each quantized one followed by its scales, blobs behind them in the
/// order of their numbers. Chunks are listed in the order of what they belong to and stand in the file in
/// that order, back to back. The bytes are four counts (u32: tensors, blobs, chunks, bytes of names) and
/// XXH64 of all chunks as they are stored, then these records, then the names, one behind the other:
///
/// | tensor, 72 bytes | |
/// |---|---|
/// | u32, u16 | name: offset and length |
/// | u8, u8 | scheme, element type |
/// | u8, u8, u16 | dimensions, zeros |
/// | u32 | its scales' index among the tensors, or 2^32 - 1 |
/// | 5 x u64 | shape, zeros behind it |
/// | u64 | bytes of all elements |
/// | u32, u32 | first chunk, chunks |
///
/// | blob, 24 bytes | |
/// |---|---|
/// | u8, u8, u16, u32 | kind, zeros |
/// | u64 | bytes |
/// | u32, u32 | first chunk, chunks |
///
/// | chunk, 28 bytes | |
/// |---|---|
/// | u64 | offset in the file |
/// | u32, u32 | bytes in the file, bytes of elements |
/// | u8, u8, u16 | codec (0 raw, 1 zstd), filter (0 none, 1 two byte planes, 2 four), zeros |
/// | u64 | XXH64 of the elements |
struct PackTable: Sendable {
    static let startSize = 24
    static let tensorRecordSize = 72
    static let blobRecordSize = 24
    static let chunkRecordSize = 28
    static let tensorLimit = 1 << 16
    static let noScale = UInt32.max

    var tensors: [PackTensor] = []
    var blobs: [StoredBlob] = []
    var chunks: [StoredChunk] = []
    /// Finds what no chunk's own hash does: damage to a stored form that leaves the elements as they were.
    var dataHash: UInt64 = 0

    func encoded() -> [UInt8] {
        var table = RecordWriter()
        let names = tensors.map { Array($0.name.utf8) }
        table.append(UInt32(tensors.count))
        table.append(UInt32(blobs.count))
        table.append(UInt32(chunks.count))
        table.append(UInt32(names.reduce(0) { $0 + $1.count }))
        table.append(dataHash)
        var nameOffset = 0
        for (tensor, name) in zip(tensors, names) {
            table.append(UInt32(nameOffset))
            table.append(UInt16(name.count))
            table.append(tensor.scheme.rawValue)
            table.append(tensor.elementType.rawValue)
            table.append(UInt8(tensor.shape.count))
            table.append(UInt8(0))
            table.append(UInt16(0))
            table.append(tensor.scaleIndex.map { UInt32($0) } ?? Self.noScale)
            for dimension in 0..<PackTensor.maximumDimensions {
                table.append(dimension < tensor.shape.count ? UInt64(tensor.shape[dimension]) : 0)
            }
            table.append(UInt64(tensor.byteCount))
            table.append(UInt32(tensor.chunkRange.lowerBound))
            table.append(UInt32(tensor.chunkRange.count))
            nameOffset += name.count
        }
        for blob in blobs {
            table.append(blob.kind.rawValue)
            table.append(UInt8(0))
            table.append(UInt16(0))
            table.append(UInt32(0))
            table.append(UInt64(blob.size))
            table.append(UInt32(blob.chunkRange.lowerBound))
            table.append(UInt32(blob.chunkRange.count))
        }
        for chunk in chunks {
            table.append(UInt64(chunk.offset))
            table.append(UInt32(chunk.storedSize))
            table.append(UInt32(chunk.size))
            table.append(chunk.storage.rawValue)
            table.append(chunk.filter.rawValue)
            table.append(UInt16(0))
            table.append(chunk.hash)
        }
        for name in names { table.append(name) }
        return table.bytes
    }
}
