// The ways in which a pack's header, its table of contents and its chunks can be wrong. `PackError` says
// where.

public enum HeaderFault: Error, Equatable {
    case tooShort(size: Int)
    case notAPack
    case textMode
    case byteSwapped
    case version(major: UInt16, minor: UInt16)
    case hash
    case unknownFlags(UInt32)
    case fileSize(claimed: UInt64, found: Int)
    case dataOffset(UInt64)
    case padding(offset: Int)
    case tableBounds(offset: UInt64, size: UInt64)
    case tableTooLarge(size: UInt64)
}

public enum TableFault: Error, Equatable {
    case hash
    case tooSmall(size: Int)
    case tooMany(what: String, count: UInt32, limit: Int)
    case size(found: Int, expected: Int)
    case name(index: Int)
    case nameRange(index: Int)
    case nameBytes(found: Int, expected: Int)
    case duplicateName(String)
    case reserved(what: String, index: Int)
    case unknownBlob(UInt8)
    case blobOrder(PackBlob)
    case noManifest
    case chunkRange(owner: String, first: UInt32, count: UInt32)
    case orphanChunks(owned: Int, total: Int)
    case chunkOffset(index: Int, found: UInt64, expected: Int)
    case chunkPastEnd(index: Int, end: Int, dataEnd: Int)
    case dataEnd(found: Int, expected: Int)
    case dataHash
}

public enum TensorFault: Error, Equatable {
    case scheme(UInt8)
    case elementType(UInt8)
    case schemeType(Scheme, ElementType)
    case dimensionCount(UInt8)
    case dimension(index: Int, UInt64)
    case shapeOverflow
    case byteCount(claimed: UInt64, expected: Int)
    case rowTooLong(bytes: Int)
    case partialRows(chunk: Int)
    case unevenChunks(chunk: Int)
    case chunkSum(found: Int, expected: Int)
    case notAMatrix(dimensions: Int)
    case noScale
    case scaleLink(UInt32)
    case scaleTensor(expected: String)
    case unexpectedScale(UInt32)
    case noChunk(Int)
}

public enum BlobFault: Error, Equatable {
    case tooLarge(size: UInt64, limit: Int)
    case unevenChunks(chunk: Int)
    case chunkSum(found: Int, expected: Int)
    case notFinite
}

public enum ChunkFault: Error, Equatable {
    // In the table.
    case size(UInt32)
    case storedSize(UInt32, size: Int)
    case codec(UInt8)
    case filter(UInt8)
    // In the data.
    case notZstd
    case dictionary
    case noChecksum
    case window(bytes: UInt64)
    case contentSize(claimed: UInt64?, expected: Int)
    case frameSize(found: Int, expected: Int)
    case zstd(String)
    case hash
    // Behind the hash.
    case minusOneHundredTwentyEight(element: Int)
    case notFinite(element: Int)
    case scale(row: Int, Float)
}
