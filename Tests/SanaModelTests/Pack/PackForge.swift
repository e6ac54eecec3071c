import SanaModel

/// A pack put together field by field, with hashes that match whatever is in it.
///
/// It shares no code with `PackWriter`: the format is spelled here a second time, so that a reader and a
/// writer that agree on a mistake do not pass. What is nil is filled in as it should be.
struct PackForge {
    struct Tensor {
        var name: [UInt8]
        var nameOffset: UInt32?
        var nameLength: UInt16?
        var scheme: UInt8
        var elementType: UInt8
        var dimensionCount: UInt8
        var zeros: (UInt8, UInt16) = (0, 0)
        var scale: UInt32 = .max
        var shape: [UInt64]
        var byteCount: UInt64
        var firstChunk: UInt32
        var chunkCount: UInt32
    }

    struct Blob {
        var kind: UInt8
        var zeros: (UInt8, UInt16, UInt32) = (0, 0, 0)
        var size: UInt64
        var firstChunk: UInt32
        var chunkCount: UInt32
    }

    struct Chunk {
        /// What stands in the file.
        var data: [UInt8]
        var offset: UInt64?
        var storedSize: UInt32?
        var size: UInt32
        var codec: UInt8
        var filter: UInt8
        var zeros: UInt16 = 0
        var hash: UInt64
    }

    var magic: [UInt8] = [0x89, 0x53, 0x51, 0x4E, 0x0D, 0x0A, 0x1A, 0x0A]
    var major: UInt16 = 1
    var minor: UInt16 = 0
    var flags: UInt32 = 0
    var fileSize: UInt64?
    var dataOffset: UInt64 = 4096
    var tableOffset: UInt64?
    var tableSize: UInt64?
    var tableHash: UInt64?
    var headerHash: UInt64?
    var padding = [UInt8](repeating: 0, count: 4096 - 64)
    var tensors: [Tensor] = []
    var blobs: [Blob] = []
    var chunks: [Chunk] = []
    var tensorCount: UInt32?
    var blobCount: UInt32?
    var chunkCount: UInt32?
    var nameBytes: UInt32?
    var dataHash: UInt64?
    /// Behind the last chunk, where the table should be.
    var gap: [UInt8] = []
    /// In place of the whole table.
    var table: [UInt8]?
    /// Behind the end.
    var trailer: [UInt8] = []

    var bytes: [UInt8] {
        let data = chunks.flatMap(\.data) + gap
        let table = self.table ?? tableBytes
        let tableOffset = self.tableOffset ?? UInt64(4096 + data.count)
        var header = magic + littleEndianBytes(major) + littleEndianBytes(minor) + littleEndianBytes(flags)
        header += littleEndianBytes(fileSize ?? UInt64(4096 + data.count + table.count))
        header += littleEndianBytes(dataOffset) + littleEndianBytes(tableOffset)
        header +=
            littleEndianBytes(tableSize ?? UInt64(table.count))
            + littleEndianBytes(tableHash ?? XXH64.hash(table))
        header += littleEndianBytes(headerHash ?? XXH64.hash(header))
        return header + padding + data + table + trailer
    }

    var tableBytes: [UInt8] {
        let names = tensors.flatMap(\.name)
        var table = littleEndianBytes(tensorCount ?? UInt32(tensors.count))
        table += littleEndianBytes(blobCount ?? UInt32(blobs.count))
        table += littleEndianBytes(chunkCount ?? UInt32(chunks.count))
        table += littleEndianBytes(nameBytes ?? UInt32(names.count))
        table += littleEndianBytes(dataHash ?? XXH64.hash(chunks.flatMap(\.data)))
        var nameOffset = 0
        for tensor in tensors {
            table += littleEndianBytes(tensor.nameOffset ?? UInt32(nameOffset))
            table += littleEndianBytes(tensor.nameLength ?? UInt16(tensor.name.count))
            table += [tensor.scheme, tensor.elementType, tensor.dimensionCount, tensor.zeros.0]
            table += littleEndianBytes(tensor.zeros.1) + littleEndianBytes(tensor.scale)
            for index in 0..<5 {
                table += littleEndianBytes(index < tensor.shape.count ? tensor.shape[index] : 0)
            }
            table += littleEndianBytes(tensor.byteCount)
            table += littleEndianBytes(tensor.firstChunk) + littleEndianBytes(tensor.chunkCount)
            nameOffset += tensor.name.count
        }
        for blob in blobs {
            table +=
                [blob.kind, blob.zeros.0] + littleEndianBytes(blob.zeros.1) + littleEndianBytes(blob.zeros.2)
            table +=
                littleEndianBytes(blob.size) + littleEndianBytes(blob.firstChunk)
                + littleEndianBytes(blob.chunkCount)
        }
        var offset = 4096
        for chunk in chunks {
            table += littleEndianBytes(chunk.offset ?? UInt64(offset))
            table +=
                littleEndianBytes(chunk.storedSize ?? UInt32(chunk.data.count))
                + littleEndianBytes(chunk.size)
            table +=
                [chunk.codec, chunk.filter] + littleEndianBytes(chunk.zeros) + littleEndianBytes(chunk.hash)
            offset += chunk.data.count
        }
        return table + names
    }
}

extension PackForge.Chunk {
    static func raw(_ content: [UInt8]) -> PackForge.Chunk {
        PackForge.Chunk(
            data: content, size: UInt32(content.count), codec: 0, filter: 0, hash: XXH64.hash(content))
    }

    /// `count` times `byte`, which are their own byte planes.
    static func run(_ byte: UInt8, count: Int, filter: UInt8 = 0) -> PackForge.Chunk {
        let content = [UInt8](repeating: byte, count: count)
        return PackForge.Chunk(
            data: ForgedFrame(byte, count: count).bytes, size: UInt32(count), codec: 1, filter: filter,
            hash: XXH64.hash(content))
    }

    static func floats(_ values: [Float]) -> PackForge.Chunk {
        raw(values.flatMap { littleEndianBytes($0.bitPattern) })
    }

    /// Changes the frame and leaves the rest.
    mutating func frame(_ byte: UInt8, count: Int, _ change: (inout ForgedFrame) -> Void) {
        var frame = ForgedFrame(byte, count: count)
        change(&frame)
        data = frame.bytes
    }
}

extension PackForge {
    /// Where each thing stands in `sound`.
    enum Tensors {
        static let quantized = 0
        static let scale = 1
        static let half = 2
        static let float = 3
    }
    enum Chunks {
        static let quantized = 0
        static let scale = 1
        static let half = 2
        static let float = 3
        static let lastFloat = 4
        static let manifest = 5
        static let licence = 6
    }

    /// A pack without a fault: `q` w8 [4, 1024] with its scales, `h` f16 [2048], `f` f32 [3, 300] in two
    /// chunks, manifest and licence.
    static var sound: PackForge {
        var forge = PackForge()
        forge.chunks = [
            .run(3, count: 4096), .floats([0.5, 0.25, 1, 2]), .run(0x11, count: 4096, filter: 1),
            .raw([UInt8](repeating: 0x21, count: 2400)), .raw([UInt8](repeating: 0x22, count: 1200)),
            .raw(Array("{}".utf8)), .raw(Array("free".utf8)),
        ]
        forge.tensors = [
            Tensor(
                name: Array("q".utf8), scheme: 2, elementType: 4, dimensionCount: 2, scale: 1,
                shape: [4, 1024],
                byteCount: 4096, firstChunk: 0, chunkCount: 1),
            Tensor(
                name: Array("q_scale".utf8), scheme: 4, elementType: 1, dimensionCount: 1, shape: [4],
                byteCount: 16, firstChunk: 1, chunkCount: 1),
            Tensor(
                name: Array("h".utf8), scheme: 3, elementType: 2, dimensionCount: 1, shape: [2048],
                byteCount: 4096, firstChunk: 2, chunkCount: 1),
            Tensor(
                name: Array("f".utf8), scheme: 4, elementType: 1, dimensionCount: 2, shape: [3, 300],
                byteCount: 3600, firstChunk: 3, chunkCount: 2),
        ]
        forge.blobs = [
            Blob(kind: 1, size: 2, firstChunk: 5, chunkCount: 1),
            Blob(kind: 5, size: 4, firstChunk: 6, chunkCount: 1),
        ]
        return forge
    }
}
