import SanaModel
import Testing

private typealias T = PackForge.Tensors
private typealias C = PackForge.Chunks

@Suite struct PackShapeTests {
    private static func tensor(_ name: String, _ fault: TensorFault) -> PackError {
        .tensor(path: "", name: name, fault)
    }

    @Test(arguments: [
        Lie("no dimensions", tensor("h", .dimensionCount(0))) {
            ($0.tensors[T.half].dimensionCount, $0.tensors[T.half].shape) = (0, [])
        },
        Lie("six dimensions", tensor("h", .dimensionCount(6))) { $0.tensors[T.half].dimensionCount = 6 },
        Lie("255 dimensions", tensor("h", .dimensionCount(255))) { $0.tensors[T.half].dimensionCount = 255 },
        Lie("dimension 0", tensor("h", .dimension(index: 0, 0))) { $0.tensors[T.half].shape = [0] },
        Lie("dimension 0 behind others", tensor("f", .dimension(index: 1, 0))) {
            $0.tensors[T.float].shape = [3, 0]
        },
        Lie("a dimension behind the last", tensor("h", .dimension(index: 1, 7))) {
            $0.tensors[T.half].shape = [2048, 7]
        },
        Lie("dimension 2^63", tensor("h", .shapeOverflow)) { $0.tensors[T.half].shape = [1 << 63] },
        Lie("dimension 2^64 - 1", tensor("h", .shapeOverflow)) { $0.tensors[T.half].shape = [.max] },
        Lie("two dimensions of 2^33", tensor("f", .shapeOverflow)) {
            $0.tensors[T.float].shape = [1 << 33, 1 << 33]
        },
        Lie("fits as elements and not as bytes", tensor("f", .shapeOverflow)) {
            $0.tensors[T.float].shape = [1 << 31, 1 << 31]
        },
        Lie("wraps to the size it claims", tensor("f", .shapeOverflow)) {
            // 4 * (2^62 + 900) is 3600 modulo 2^64.
            $0.tensors[T.float].shape = [1, 1 << 62 + 900]
        },
        Lie("2^40 bytes in one row", tensor("f", .byteCount(claimed: 3600, expected: 1 << 40))) {
            $0.tensors[T.float].shape = [1, 1 << 38]
        },
        Lie("2^40 bytes, claimed too", tensor("f", .rowTooLong(bytes: 1 << 40))) {
            $0.tensors[T.float].shape = [1, 1 << 38]
            $0.tensors[T.float].byteCount = 1 << 40
        },
        Lie("2^40 bytes in rows", tensor("f", .chunkSum(found: 3600, expected: 1200 << 30))) {
            $0.tensors[T.float].shape = [1 << 30, 300]
            $0.tensors[T.float].byteCount = 1200 << 30
        },
        Lie(
            "a shape that needs 2^32 more bytes",
            tensor("h", .byteCount(claimed: 4096, expected: 4096 + 1 << 32))
        ) {
            $0.tensors[T.half].shape = [2048 + 1 << 31]
        },
        Lie("one element more", tensor("h", .byteCount(claimed: 4096, expected: 4098))) {
            $0.tensors[T.half].shape = [2049]
        },
        Lie("one element fewer", tensor("h", .chunkSum(found: 4096, expected: 4094))) {
            ($0.tensors[T.half].shape, $0.tensors[T.half].byteCount) = ([2047], 4094)
        },
        Lie("no bytes", tensor("h", .byteCount(claimed: 0, expected: 4096))) {
            $0.tensors[T.half].byteCount = 0
        },
        Lie("2^64 - 1 bytes", tensor("h", .byteCount(claimed: .max, expected: 4096))) {
            $0.tensors[T.half].byteCount = .max
        },
        Lie("chunks of partial rows", tensor("f", .partialRows(chunk: 0))) {
            $0.tensors[T.float].shape = [2, 450]
        },
        Lie("chunks of unequal rows", tensor("f", .unevenChunks(chunk: 1))) { forge in
            forge.chunks[C.float] = .raw([UInt8](repeating: 0x21, count: 1200))
            forge.chunks[C.lastFloat] = .raw([UInt8](repeating: 0x22, count: 2400))
        },
    ])
    func aLieInTheShapeIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [
        Lie("scheme 0", tensor("h", .scheme(0))) { $0.tensors[T.half].scheme = 0 },
        Lie("scheme 5", tensor("h", .scheme(5))) { $0.tensors[T.half].scheme = 5 },
        Lie("element type 0", tensor("h", .elementType(0))) { $0.tensors[T.half].elementType = 0 },
        Lie("element type 255", tensor("h", .elementType(255))) { $0.tensors[T.half].elementType = 255 },
        Lie("f16 scheme, f32 elements", tensor("h", .schemeType(.f16, .f32))) {
            $0.tensors[T.half].elementType = 1
        },
        Lie("f32 scheme, int8 elements", tensor("h", .schemeType(.f32, .i8))) {
            ($0.tensors[T.half].scheme, $0.tensors[T.half].elementType) = (4, 4)
        },
        Lie("w8a8 scheme, f16 elements", tensor("h", .schemeType(.w8a8, .f16))) {
            $0.tensors[T.half].scheme = 1
        },
        Lie("quantized vector", tensor("q", .notAMatrix(dimensions: 1))) {
            ($0.tensors[T.quantized].dimensionCount, $0.tensors[T.quantized].shape) = (1, [4096])
        },
        Lie("quantized cube", tensor("q", .notAMatrix(dimensions: 3))) {
            ($0.tensors[T.quantized].dimensionCount, $0.tensors[T.quantized].shape) = (3, [4, 32, 32])
        },
    ])
    func aLieInTheSchemeIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    @Test(arguments: [
        Lie("no scales", tensor("q", .noScale)) { $0.tensors[T.quantized].scale = .max },
        Lie("scales of itself", tensor("q", .scaleLink(0))) { $0.tensors[T.quantized].scale = 0 },
        Lie("scales of another tensor", tensor("q", .scaleLink(2))) { $0.tensors[T.quantized].scale = 2 },
        Lie("scales past the last tensor", tensor("q", .scaleLink(4))) { $0.tensors[T.quantized].scale = 4 },
        Lie("scales 2^32 - 2", tensor("q", .scaleLink(.max - 1))) {
            $0.tensors[T.quantized].scale = .max - 1
        },
        Lie("scales under another name", tensor("q", .scaleTensor(expected: "q_scale, F32 [4]"))) {
            $0.tensors[T.scale].name = Array("q_scales".utf8)
        },
        Lie("a scale too few", tensor("q", .scaleTensor(expected: "q_scale, F32 [4]"))) {
            ($0.tensors[T.scale].shape, $0.tensors[T.scale].byteCount) = ([3], 12)
            $0.chunks[C.scale] = .floats([1, 1, 1])
        },
        Lie("a scale too many", tensor("q", .scaleTensor(expected: "q_scale, F32 [4]"))) {
            ($0.tensors[T.scale].shape, $0.tensors[T.scale].byteCount) = ([5], 20)
            $0.chunks[C.scale] = .floats([1, 1, 1, 1, 1])
        },
        Lie("scales as a column", tensor("q", .scaleTensor(expected: "q_scale, F32 [4]"))) {
            ($0.tensors[T.scale].shape, $0.tensors[T.scale].dimensionCount) = ([4, 1], 2)
        },
        Lie("scales of 16 bits", tensor("q", .scaleTensor(expected: "q_scale, F32 [4]"))) {
            ($0.tensors[T.scale].scheme, $0.tensors[T.scale].elementType) = (3, 2)
            $0.tensors[T.scale].byteCount = 8
            $0.chunks[C.scale] = .raw([1, 1, 1, 1, 1, 1, 1, 1])
        },
        Lie("scales with scales", tensor("q_scale", .unexpectedScale(0))) { $0.tensors[T.scale].scale = 0 },
        Lie("scales of a float tensor", tensor("h", .unexpectedScale(3))) { $0.tensors[T.half].scale = 3 },
        Lie("quantized tensor at the end", tensor("i", .scaleLink(5))) { forge in
            forge.chunks.insert(.raw([1, 2]), at: 5)
            forge.tensors.append(
                PackForge.Tensor(
                    name: Array("i".utf8), scheme: 2, elementType: 4, dimensionCount: 2, scale: 5,
                    shape: [1, 2],
                    byteCount: 2, firstChunk: 5, chunkCount: 1))
            forge.blobs[0].firstChunk = 6
            forge.blobs[1].firstChunk = 7
        },
    ])
    func aLieInTheScaleLinkIsFoundOut(lie: Lie) throws { try lie.isFoundOut() }

    /// Each size is possible alone; together they exceed 64 bits (the pattern of CVE-2025-53630).
    @Test func manyHugeTensorsAreFoundOut() throws {
        try Lie("", Self.tensor("h", .chunkSum(found: 4096, expected: 1 << 62))) { forge in
            for index in [T.half, T.float] {
                forge.tensors[index].scheme = 3
                forge.tensors[index].elementType = 2
                forge.tensors[index].dimensionCount = 2
                forge.tensors[index].shape = [1 << 60, 2]
                forge.tensors[index].byteCount = 1 << 62
            }
        }.isFoundOut()
    }
}
