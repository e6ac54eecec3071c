/// How the bytes of a chunk are stored.
enum ChunkStorage: UInt8 {
    case raw = 0
    case zstd = 1
}

/// What is done to a chunk's elements before zstd.
enum ChunkFilter: UInt8 {
    case none = 0
    case planes2 = 1
    case planes4 = 2

    /// The one filter for elements of this type.
    init(_ type: ElementType) {
        self =
            switch type {
            case .i8: .none
            case .f16, .bf16: .planes2
            case .f32: .planes4
            }
    }
}

/// A chunk ready to be written.
public struct EncodedChunk: Sendable {
    /// What goes into the file.
    package let bytes: [UInt8]
    /// Bytes before compression.
    public let size: Int
    let storage: ChunkStorage
    let filter: ChunkFilter
    let elementType: ElementType
    /// Over the bytes before filter and compression.
    let hash: UInt64

    /// Bytes in the file.
    public var storedSize: Int { bytes.count }
}

/// Chunks to and from their stored form.
public enum ChunkCodec {
    private static let compressors = ContextPool<ZstdCompressor>()

    /// Hashes and compresses one chunk: whole elements, 1 byte to `ChunkPlan.maximumSize`.
    ///
    /// The result depends on the arguments alone. Threads may call this at the same time.
    public static func encode(_ bytes: [UInt8], elementType: ElementType) throws(PackWriteError)
        -> EncodedChunk
    {
        guard (1...ChunkPlan.maximumSize).contains(bytes.count),
            bytes.count.isMultiple(of: elementType.byteCount)
        else { throw .chunkSize(bytes.count) }
        let compressor = try compressors.take(orMake: ZstdCompressor.init)
        defer { compressors.giveBack(compressor) }

        let filter = ChunkFilter(elementType)
        let planes = filter == .none ? bytes : BytePlanes.split(bytes, width: elementType.byteCount)
        let frame = try compressor.frame(planes)
        // Below 3 % the saving is not worth the time to decode.
        let isWorthIt = frame.count * 100 <= bytes.count * 97
        return EncodedChunk(
            bytes: isWorthIt ? frame : bytes, size: bytes.count,
            storage: isWorthIt ? .zstd : .raw, filter: isWorthIt ? filter : .none,
            elementType: elementType, hash: XXH64.hash(bytes))
    }

    /// Undoes `encode` and checks the hash. A compressed chunk's frame is in `decompressor`, a raw one's
    /// bytes are in `target` already.
    static func decode(
        _ chunk: StoredChunk, with decompressor: ZstdDecompressor, into target: UnsafeMutableRawBufferPointer
    ) throws {
        switch (chunk.storage, chunk.filter) {
        case (.raw, _): break
        case (.zstd, .none): try unsafe decompressor.expand(into: target)
        case (.zstd, .planes2):
            try decompressor.expandPlanes(size: chunk.size)
            unsafe BytePlanes.join2(decompressor.planes, into: target)
        case (.zstd, .planes4):
            try decompressor.expandPlanes(size: chunk.size)
            unsafe BytePlanes.join4(decompressor.planes, into: target)
        }
        guard unsafe XXH64.hash(UnsafeRawBufferPointer(target).bytes) == chunk.hash else {
            throw ChunkFault.hash
        }
    }
}
