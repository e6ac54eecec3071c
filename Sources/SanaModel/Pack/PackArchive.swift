/// An open pack as a container: tensors and blobs by name, read chunk by chunk and checked. `PackReader` adds
/// what they mean.
///
/// Opening reads the header and the table of contents and checks both whole. Chunks are read when asked for,
/// each against the table, its hash and what its numbers may be. Threads may share one.
package final class PackArchive: Sendable {
    package let path: String
    package let tensors: [PackTensor]
    package let fileSize: Int
    /// XXH64 of the table of contents, which holds a hash of every chunk: it tells two packs apart. 0 while the
    /// file is being written.
    package let tableHash: UInt64
    private let file: FileReader
    private let table: PackTable
    private let indices: [String: Int]
    private let decompressors = ContextPool<ZstdDecompressor>()

    /// - Throws: `FileError`, `PackError`.
    package init(path: String) throws {
        file = try FileReader(path: path)
        self.path = path
        fileSize = file.size
        let header: PackHeader
        do {
            let start = try file.read(at: 0, count: min(PackHeader.size, file.size))
            header = try PackHeader(start, fileSize: file.size)
            let padding = try file.read(
                at: PackHeader.size, count: PackHeader.dataOffset - PackHeader.size)
            if let index = padding.firstIndex(where: { $0 != 0 }) {
                throw HeaderFault.padding(offset: PackHeader.size + index)
            }
        } catch let fault as HeaderFault {
            throw PackError.header(path: path, fault)
        }
        let bytes = try file.read(at: header.tableOffset, count: header.tableSize)
        guard XXH64.hash(bytes) == header.tableHash else { throw PackError.table(path: path, .hash) }
        tableHash = header.tableHash
        table = try PackTableParser.parse(bytes, dataEnd: header.tableOffset, path: path)
        tensors = table.tensors
        indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    }

    /// A file that is being written, whose table is not in it yet.
    ///
    /// - Throws: `FileError`.
    init(path: String, unfinished table: PackTable) throws {
        file = try FileReader(path: path)
        self.path = path
        fileSize = file.size
        tableHash = 0
        self.table = table
        tensors = table.tensors
        indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    }

    package func tensor(_ name: String) -> PackTensor? {
        indices[name].map { tensors[$0] }
    }

    /// The elements of chunk `index` of a tensor of this pack, from 0, into `target`, which has exactly their
    /// size.
    ///
    /// - Throws: `FileError`, `PackError.chunk`.
    package func chunk(_ tensor: PackTensor, _ index: Int, into target: UnsafeMutableRawBufferPointer) throws
    {
        try unsafe read(position(tensor, index), into: target, owner: tensor.name, index)
        let fault = unsafe ValueCheck.fault(
            in: UnsafeRawBufferPointer(target), tensor.elementType,
            isScale: tensor.isScale || tensor.isFactors)
        if let fault { throw PackError.chunk(path: path, owner: tensor.name, index: index, fault) }
    }

    /// The elements of chunk `index` of a tensor, from 0.
    package func chunk(_ tensor: PackTensor, _ index: Int) throws -> [UInt8] {
        let size = table.chunks[try position(tensor, index)].size
        return try unsafe filled(size) { target in try unsafe chunk(tensor, index, into: target) }
    }

    /// Where chunk `index` of a tensor stands in the table.
    private func position(_ tensor: PackTensor, _ index: Int) throws -> Int {
        guard (0..<tensor.chunkCount).contains(index), tensor.chunkRange.upperBound <= table.chunks.count
        else {
            throw PackError.tensor(path: path, name: tensor.name, .noChunk(index))
        }
        return tensor.chunkRange.lowerBound + index
    }

    /// All elements of a tensor.
    package func values(_ tensor: PackTensor) throws -> [UInt8] {
        try unsafe filled(tensor.byteCount) { target in
            try unsafe fill(target, tensor.chunkRange) { index, part in
                try unsafe chunk(tensor, index, into: part)
            }
        }
    }

    /// The bytes of a blob; nil where the pack has none.
    package func blob(_ kind: PackBlob) throws -> [UInt8]? {
        guard let blob = table.blobs.first(where: { $0.kind == kind }) else { return nil }
        return try unsafe filled(blob.size) { target in
            try unsafe fill(target, blob.chunkRange) { index, part in
                try unsafe read(blob.chunkRange.lowerBound + index, into: part, owner: kind.title, index)
            }
        }
    }

    /// Some bytes of a blob; nil where the pack has none, or fewer.
    package func blob(_ kind: PackBlob, _ wanted: Range<Int>) throws -> [UInt8]? {
        guard let blob = table.blobs.first(where: { $0.kind == kind }), wanted.lowerBound >= 0,
            wanted.upperBound <= blob.size
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(wanted.count)
        var start = 0
        for (index, chunk) in blob.chunkRange.enumerated() {
            let range = start..<start + table.chunks[chunk].size
            start = range.upperBound
            let common = wanted.clamped(to: range)
            guard !common.isEmpty else { continue }
            let contents = try unsafe filled(range.count) { target in
                try unsafe read(chunk, into: target, owner: kind.title, index)
            }
            bytes += contents[common.lowerBound - range.lowerBound..<common.upperBound - range.lowerBound]
        }
        return bytes
    }

    /// Where the tensors of some names stand in the file: ranges of bytes, in its order.
    package func storedRanges(where isWanted: (String) -> Bool) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        let wanted = tensors.filter { isWanted($0.name) }.map(\.chunkRange)
        for chunk in wanted.joined().sorted().map({ table.chunks[$0] }) {
            let end = chunk.offset + chunk.storedSize
            if let last = ranges.last, last.upperBound == chunk.offset {
                ranges[ranges.count - 1] = last.lowerBound..<end
            } else {
                ranges.append(chunk.offset..<end)
            }
        }
        return ranges
    }

    /// A thread that reads parts of the file before they are wanted.
    package func readAhead() -> ReadAhead { ReadAhead(file) }

    /// Bytes of a blob in memory and in the file; nil where the pack has none.
    package func size(of kind: PackBlob) -> (bytes: Int, stored: Int)? {
        guard let blob = table.blobs.first(where: { $0.kind == kind }) else { return nil }
        return (blob.size, table.chunks[blob.chunkRange].reduce(0) { $0 + $1.storedSize })
    }

    /// Reads everything, so that all damage is found. `progress` takes the share that is done, 0 to 1, and
    /// may throw to stop.
    package func verify(progress: (Double) throws -> Void) throws {
        let dataSize = max(1, table.chunks.reduce(0) { $0 + $1.storedSize })
        var hash = XXH64()
        var done = 0
        func step(_ chunk: Int) throws {
            let chunk = table.chunks[chunk]
            hash.update(try file.read(at: chunk.offset, count: chunk.storedSize))
            done += chunk.storedSize
            try progress(Double(done) / Double(dataSize))
        }
        for tensor in tensors {
            for index in 0..<tensor.chunkCount {
                _ = try chunk(tensor, index)
                try step(tensor.chunkRange.lowerBound + index)
            }
        }
        for blob in table.blobs {
            for (index, chunk) in blob.chunkRange.enumerated() {
                _ = try unsafe filled(table.chunks[chunk].size) { target in
                    try unsafe read(chunk, into: target, owner: blob.kind.title, index)
                }
                try step(chunk)
            }
        }
        guard hash.finish() == table.dataHash else { throw PackError.table(path: path, .dataHash) }
    }

    /// Reads a chunk of the table; `owner` and `index` say in errors whose it is.
    private func read(
        _ chunk: Int, into target: UnsafeMutableRawBufferPointer, owner: String, _ index: Int
    ) throws {
        let chunk = table.chunks[chunk]
        precondition(target.count == chunk.size, "room for exactly one chunk")
        do {
            let decompressor = try decompressors.take(orMake: ZstdDecompressor.init)
            defer { decompressors.giveBack(decompressor) }
            if chunk.storage == .raw {
                try unsafe file.read(at: chunk.offset, into: target)
            } else {
                try decompressor.load(chunk, from: file)
            }
            try unsafe ChunkCodec.decode(chunk, with: decompressor, into: target)
        } catch let fault as ChunkFault {
            throw PackError.chunk(path: path, owner: owner, index: index, fault)
        }
    }

    /// Hands out the parts of `target` that belong to the chunks in `range`.
    private func fill(
        _ target: UnsafeMutableRawBufferPointer, _ range: Range<Int>,
        _ body: (Int, UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        var start = 0
        for (index, chunk) in range.enumerated() {
            let end = start + table.chunks[chunk].size
            try unsafe body(index, UnsafeMutableRawBufferPointer(rebasing: target[start..<end]))
            start = end
        }
    }

    private func filled(
        _ size: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            try unsafe body(UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
            count = size
        }
    }
}
