import SanaModel
import Testing

private typealias T = PackForge.Tensors
private typealias C = PackForge.Chunks

@Suite struct PackTableTests {
    private static func table(_ fault: TableFault) -> PackError { .table(path: "", fault) }
    private static func size(_ records: Int, _ forge: PackForge = .sound) -> Int {
        forge.tensors.count * 72 + forge.blobs.count * 24 + forge.chunks.count * 28
            + forge.tensors.reduce(24) { $0 + $1.name.count } + records
    }

    @Test(arguments: [
        Lie("wrong hash", table(.hash)) { $0.tableHash = 0 },
        Lie("empty table", table(.tooSmall(size: 0))) { $0.table = [] },
        Lie("23 bytes of table", table(.tooSmall(size: 23))) { $0.table = [UInt8](repeating: 0, count: 23) },
        Lie("another hash of the data", table(.dataHash)) { $0.dataHash = 0 },
        Lie("nothing counted", table(.size(found: size(0), expected: 24))) {
            ($0.tensorCount, $0.blobCount, $0.chunkCount, $0.nameBytes) = (0, 0, 0, 0)
        },
        Lie("nothing there", table(.dataEnd(found: 4096, expected: 4096 + 7))) {
            $0 = PackForge()
            $0.gap = [UInt8](repeating: 0, count: 7)
        },
        Lie("no manifest", table(.noManifest)) {
            $0 = PackForge()
        },
        Lie("a tensor too many", table(.size(found: size(0), expected: size(72)))) { $0.tensorCount = 5 },
        Lie("a tensor too few", table(.size(found: size(0), expected: size(-72)))) { $0.tensorCount = 3 },
        Lie("65537 tensors", table(.tooMany(what: "tensors", count: 65537, limit: 65536))) {
            $0.tensorCount = 65537
        },
        Lie("2^32 - 1 tensors", table(.tooMany(what: "tensors", count: .max, limit: 65536))) {
            $0.tensorCount = .max
        },
        Lie("6 blobs", table(.tooMany(what: "named parts", count: 6, limit: 5))) { $0.blobCount = 6 },
        Lie("2^32 - 1 blobs", table(.tooMany(what: "named parts", count: .max, limit: 5))) {
            $0.blobCount = .max
        },
        Lie("2^32 - 1 chunks", table(.size(found: size(0), expected: size((1 << 32 - 8) * 28)))) {
            $0.chunkCount = .max
        },
        Lie("2^32 - 1 bytes of names", table(.size(found: size(0), expected: size(1 << 32 - 1 - 10)))) {
            $0.nameBytes = .max
        },
    ])
    func aLieInTheCountsIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [
        Lie("no name", table(.name(index: 2))) { $0.tensors[T.half].name = [] },
        Lie("256 bytes", table(.name(index: 2))) {
            $0.tensors[T.half].name = [UInt8](repeating: 0x61, count: 256)
        },
        Lie("NUL", table(.name(index: 2))) { $0.tensors[T.half].name = [0x68, 0] },
        Lie("invalid UTF-8", table(.name(index: 2))) { $0.tensors[T.half].name = [0xFF, 0xFE] },
        Lie("valid UTF-8 that is not ASCII", table(.name(index: 2))) {
            $0.tensors[T.half].name = Array("é".utf8)
        },
        Lie("a path", table(.name(index: 2))) { $0.tensors[T.half].name = Array("../h".utf8) },
        Lie("control character", table(.name(index: 2))) { $0.tensors[T.half].name = [0x68, 0x1B] },
        Lie("name offset outside", table(.nameRange(index: 2))) { $0.tensors[T.half].nameOffset = 1 << 31 },
        Lie("name length outside", table(.nameRange(index: 3))) { $0.tensors[T.float].nameLength = 2 },
        Lie("names overlap", table(.nameRange(index: 2))) { $0.tensors[T.half].nameOffset = 0 },
        Lie("bytes that name nothing", table(.nameBytes(found: 11, expected: 10))) {
            $0.tensors[T.float].name = Array("ff".utf8)
            $0.tensors[T.float].nameLength = 1
        },
        Lie("the same name twice", table(.duplicateName("h"))) { $0.tensors[T.float].name = Array("h".utf8) },
        Lie("reserved byte of a tensor", table(.reserved(what: "tensor", index: 0))) {
            $0.tensors[0].zeros.0 = 1
        },
        Lie("reserved bytes of a tensor", table(.reserved(what: "tensor", index: 3))) {
            $0.tensors[3].zeros.1 = 256
        },
        Lie("reserved bytes of a blob", table(.reserved(what: "named part", index: 1))) {
            $0.blobs[1].zeros.2 = 1
        },
        Lie("reserved bytes of a chunk", table(.reserved(what: "chunk", index: 4))) {
            $0.chunks[4].zeros = 1
        },
    ])
    func aLieInTheNamesIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [
        Lie("kind 0", table(.unknownBlob(0))) { $0.blobs[1].kind = 0 },
        Lie("kind 6", table(.unknownBlob(6))) { $0.blobs[1].kind = 6 },
        Lie("manifest twice", table(.blobOrder(.manifest))) { $0.blobs[1].kind = 1 },
        Lie("out of order", table(.blobOrder(.manifest))) { ($0.blobs[0].kind, $0.blobs[1].kind) = (5, 1) },
        Lie("no manifest", table(.noManifest)) { $0.blobs[0].kind = 2 },
        Lie("empty", .blob(path: "", .licence, .tooLarge(size: 0, limit: 4 << 20))) { $0.blobs[1].size = 0 },
        Lie("2^40 bytes", .blob(path: "", .licence, .tooLarge(size: 1 << 40, limit: 4 << 20))) {
            $0.blobs[1].size = 1 << 40
        },
        Lie("2^64 - 1 bytes", .blob(path: "", .manifest, .tooLarge(size: .max, limit: 4 << 20))) {
            $0.blobs[0].size = .max
        },
        Lie("a byte more than its chunks", .blob(path: "", .licence, .chunkSum(found: 4, expected: 5))) {
            $0.blobs[1].size = 5
        },
        Lie("chunks that grow", .blob(path: "", .manifest, .unevenChunks(chunk: 1))) {
            $0.blobs[0] = PackForge.Blob(kind: 1, size: 6, firstChunk: 5, chunkCount: 2)
            $0.blobs.removeLast()
        },
    ])
    func aLieInTheBlobsIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [
        Lie("chunks past the last", table(.chunkRange(owner: "licence", first: 6, count: 2))) {
            $0.blobs[1].chunkCount = 2
        },
        Lie("2^32 - 1 chunks", table(.chunkRange(owner: "h", first: 2, count: .max))) {
            $0.tensors[T.half].chunkCount = .max
        },
        Lie("no chunks", table(.chunkRange(owner: "h", first: 2, count: 0))) {
            $0.tensors[T.half].chunkCount = 0
        },
        Lie("first chunk past the last", table(.chunkRange(owner: "h", first: .max, count: 1))) {
            $0.tensors[T.half].firstChunk = .max
        },
        Lie("two tensors, one chunk", table(.chunkRange(owner: "h", first: 0, count: 1))) {
            $0.tensors[T.half].firstChunk = 0
        },
        Lie("a tensor and a blob, one chunk", table(.chunkRange(owner: "manifest", first: 4, count: 1))) {
            $0.blobs[0].firstChunk = 4
        },
        Lie("a chunk of nobody in between", table(.chunkRange(owner: "licence", first: 7, count: 1))) {
            $0.chunks.insert(.raw([1]), at: 6)
            $0.blobs[1].firstChunk = 7
        },
        Lie("a chunk of nobody at the end", table(.orphanChunks(owned: 7, total: 8))) {
            $0.chunks.append(.raw([1]))
        },
        Lie("chunks overlap", table(.chunkOffset(index: 1, found: 4096, expected: 4096 + 21))) {
            $0.chunks[1].offset = 4096
        },
        Lie("a hole", table(.chunkOffset(index: 1, found: 4096 + 22, expected: 4096 + 21))) {
            $0.chunks[1].offset = 4096 + 22
        },
        Lie("first chunk in the header", table(.chunkOffset(index: 0, found: 0, expected: 4096))) {
            $0.chunks[0].offset = 0
        },
        Lie("offset 2^64 - 1", table(.chunkOffset(index: 0, found: .max, expected: 4096))) {
            $0.chunks[0].offset = .max
        },
        Lie("out of order", table(.chunkOffset(index: 3, found: 4096 + 58 + 2400, expected: 4096 + 58))) {
            $0.chunks[3].offset = 4096 + 58 + 2400
            $0.chunks[4].offset = 4096 + 58
        },
        Lie("bytes of no chunk", table(.dataEnd(found: 4096 + 58 + 3606, expected: 4096 + 58 + 3607))) {
            $0.gap = [0]
        },
        Lie("past the table", table(.chunkPastEnd(index: 6, end: 4096 + 3665, dataEnd: 4096 + 3664))) {
            $0.chunks[6] = PackForge.Chunk(
                data: Array("free".utf8), storedSize: 5, size: 5, codec: 0, filter: 0, hash: 0)
        },
    ])
    func aLieInTheChunkRangesIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }
}
