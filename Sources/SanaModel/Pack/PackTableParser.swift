/// Reads a table of contents out of bytes that nobody vouches for.
///
/// Counts are held against the bytes that are there before anything is allocated from them, and every number
/// against what it must fit, so that whoever reads the pack can rely on `PackTable`.
struct PackTableParser {
    let path: String
    /// Where the chunks must end.
    let dataEnd: Int
    let bytes: [UInt8]
    var reader: RecordReader
    var names: ArraySlice<UInt8> = []
    var table = PackTable()
    /// Chunks that belong to the tensors and blobs read so far.
    var ownedChunks = 0

    static func parse(_ bytes: [UInt8], dataEnd: Int, path: String) throws(PackError) -> PackTable {
        var parser = PackTableParser(bytes, dataEnd: dataEnd, path: path)
        do {
            try parser.parse()
        } catch let error as PackError {
            throw error
        } catch let fault as TableFault {
            throw .table(path: path, fault)
        } catch {
            throw .table(path: path, .tooSmall(size: bytes.count))
        }
        return parser.table
    }

    private init(_ bytes: [UInt8], dataEnd: Int, path: String) {
        self.bytes = bytes
        self.dataEnd = dataEnd
        self.path = path
        reader = RecordReader(bytes)
    }

    private mutating func parse() throws {
        let tensorCount: UInt32 = try reader.next()
        let blobCount: UInt32 = try reader.next()
        let chunkCount: UInt32 = try reader.next()
        let nameBytes: UInt32 = try reader.next()
        table.dataHash = try reader.next()
        try requireAtMost(PackTable.tensorLimit, tensorCount, "tensors")
        try requireAtMost(PackBlob.allCases.count, blobCount, "named parts")
        let nameStart =
            PackTable.startSize + Int(tensorCount) * PackTable.tensorRecordSize
            + Int(blobCount) * PackTable.blobRecordSize + Int(chunkCount) * PackTable.chunkRecordSize
        guard nameStart + Int(nameBytes) == bytes.count else {
            throw TableFault.size(found: bytes.count, expected: nameStart + Int(nameBytes))
        }
        names = bytes[nameStart...]

        let tensorRecords = try (0..<Int(tensorCount)).map { index in try TensorRecord(&reader, index) }
        let blobRecords = try (0..<Int(blobCount)).map { index in try BlobRecord(&reader, index) }
        try readChunks(Int(chunkCount))
        try addTensors(tensorRecords)
        try addBlobs(blobRecords)
        guard ownedChunks == table.chunks.count else {
            throw TableFault.orphanChunks(owned: ownedChunks, total: table.chunks.count)
        }
        try checkScales()
    }

    private func requireAtMost(_ limit: Int, _ count: UInt32, _ what: String) throws {
        guard count <= limit else { throw TableFault.tooMany(what: what, count: count, limit: limit) }
    }

    // MARK: Chunks

    private mutating func readChunks(_ count: Int) throws {
        var end = PackHeader.dataOffset
        table.chunks.reserveCapacity(count)
        for index in 0..<count {
            let offset: UInt64 = try reader.next()
            let storedSize: UInt32 = try reader.next()
            let size: UInt32 = try reader.next()
            let codec: UInt8 = try reader.next()
            let filterCode: UInt8 = try reader.next()
            let zeros: UInt16 = try reader.next()
            let hash: UInt64 = try reader.next()
            func wrong(_ fault: ChunkFault) -> PackError {
                .chunk(path: path, owner: "table of contents", index: index, fault)
            }
            guard zeros == 0 else { throw TableFault.reserved(what: "chunk", index: index) }
            guard (1...UInt32(ChunkPlan.maximumSize)).contains(size) else { throw wrong(.size(size)) }
            guard let storage = ChunkStorage(rawValue: codec) else { throw wrong(.codec(codec)) }
            guard let filter = ChunkFilter(rawValue: filterCode) else { throw wrong(.filter(filterCode)) }
            let storedFits =
                switch storage {
                case .raw: storedSize == size
                case .zstd: storedSize >= 1 && storedSize < size
                }
            guard storedFits else { throw wrong(.storedSize(storedSize, size: Int(size))) }
            guard offset == UInt64(end) else {
                throw TableFault.chunkOffset(index: index, found: offset, expected: end)
            }
            end += Int(storedSize)
            guard end <= dataEnd else {
                throw TableFault.chunkPastEnd(index: index, end: end, dataEnd: dataEnd)
            }
            table.chunks.append(
                StoredChunk(
                    offset: Int(offset), storedSize: Int(storedSize), size: Int(size), storage: storage,
                    filter: filter, hash: hash))
        }
        guard end == dataEnd else { throw TableFault.dataEnd(found: end, expected: dataEnd) }
    }

    /// The next `count` chunks, which belong to `owner`.
    mutating func claim(_ first: UInt32, _ count: UInt32, owner: String) throws -> Range<Int> {
        guard Int(first) == ownedChunks, count >= 1, Int(count) <= table.chunks.count - ownedChunks else {
            throw TableFault.chunkRange(owner: owner, first: first, count: count)
        }
        let range = ownedChunks..<ownedChunks + Int(count)
        ownedChunks = range.upperBound
        return range
    }

    func requireFilters(_ range: Range<Int>, _ type: ElementType, owner: String) throws {
        for index in range {
            let chunk = table.chunks[index]
            let expected = chunk.storage == .raw ? .none : ChunkFilter(type)
            guard chunk.filter == expected else {
                throw PackError.chunk(
                    path: path, owner: owner, index: index - range.lowerBound, .filter(chunk.filter.rawValue))
            }
        }
    }

    func sum(of range: Range<Int>) -> Int {
        // At most 2^20 records of at most 4 MiB each.
        table.chunks[range].reduce(0) { $0 + $1.size }
    }

    /// The first chunk of `range`, counted from its start, that differs in size from the first one; the last
    /// one may be smaller.
    func unevenChunk(_ range: Range<Int>) -> Int? {
        let sizes = table.chunks[range].map(\.size)
        return sizes.indices.first { index in
            index == sizes.count - 1 ? sizes[index] > sizes[0] : sizes[index] != sizes[0]
        }
    }

    // MARK: Blobs

    private mutating func addBlobs(_ records: [BlobRecord]) throws {
        var previous: UInt8 = 0
        for record in records {
            guard let kind = PackBlob(rawValue: record.kind) else {
                throw TableFault.unknownBlob(record.kind)
            }
            guard record.kind > previous else { throw TableFault.blobOrder(kind) }
            previous = record.kind
            func wrong(_ fault: BlobFault) -> PackError { .blob(path: path, kind, fault) }
            guard record.size >= 1, record.size <= UInt64(kind.limit) else {
                throw wrong(.tooLarge(size: record.size, limit: kind.limit))
            }
            let range = try claim(record.firstChunk, record.chunkCount, owner: kind.title)
            try requireFilters(range, .i8, owner: kind.title)
            if let chunk = unevenChunk(range) { throw wrong(.unevenChunks(chunk: chunk)) }
            let size = Int(record.size)
            guard sum(of: range) == size else {
                throw wrong(.chunkSum(found: sum(of: range), expected: size))
            }
            table.blobs.append(StoredBlob(kind: kind, size: size, chunkRange: range))
        }
        guard table.blobs.first?.kind == .manifest else { throw TableFault.noManifest }
    }
}

/// A blob's record, its numbers not looked at yet.
private struct BlobRecord {
    let kind: UInt8
    let size: UInt64
    let firstChunk: UInt32
    let chunkCount: UInt32

    init(_ reader: inout RecordReader, _ index: Int) throws {
        kind = try reader.next()
        let zero: UInt8 = try reader.next()
        let zeros: UInt16 = try reader.next()
        let more: UInt32 = try reader.next()
        guard zero == 0, zeros == 0, more == 0 else {
            throw TableFault.reserved(what: "named part", index: index)
        }
        size = try reader.next()
        firstChunk = try reader.next()
        chunkCount = try reader.next()
    }
}
