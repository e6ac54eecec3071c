/// What a chunk's numbers may be, whatever its hash says.
enum ValueCheck {
    /// Scales of weights are far below; a larger one would overflow what they are multiplied with.
    static let scaleLimit: Float = 1e4

    /// The first fault in the elements of one chunk; `isScale` where they are scales.
    static func fault(in bytes: UnsafeRawBufferPointer, _ type: ElementType, isScale: Bool) -> ChunkFault? {
        switch type {
        case .i8:
            unsafe firstElement(in: bytes, all: UInt8.max, equals: 0x80, SIMD64<UInt8>.self)
                .map { .minusOneHundredTwentyEight(element: $0) }
        case .f16:
            unsafe firstElement(in: bytes, all: 0x7C00, equals: 0x7C00, SIMD32<UInt16>.self)
                .map { .notFinite(element: $0) }
        case .bf16:
            unsafe firstElement(in: bytes, all: 0x7F80, equals: 0x7F80, SIMD32<UInt16>.self)
                .map { .notFinite(element: $0) }
        case .f32 where isScale:
            unsafe scaleFault(in: bytes)
        case .f32:
            unsafe firstElement(in: bytes, all: 0x7F80_0000, equals: 0x7F80_0000, SIMD16<UInt32>.self)
                .map { .notFinite(element: $0) }
        }
    }

    /// Whether a row's scale is one that the runtime can use.
    static func isScale(_ value: Float) -> Bool {
        value.isNormal && value > 0 && value < scaleLimit
    }

    private static func scaleFault(in bytes: UnsafeRawBufferPointer) -> ChunkFault? {
        for row in 0..<bytes.count / 4 {
            let bits = unsafe bytes.loadUnaligned(fromByteOffset: 4 * row, as: UInt32.self)
            let value = Float(bitPattern: UInt32(littleEndian: bits))
            if !isScale(value) { return .scale(row: row, value) }
        }
        return nil
    }

    /// The first element whose bits under `mask` equal `pattern`.
    @inline(__always)
    private static func firstElement<Vector: SIMD>(
        in bytes: UnsafeRawBufferPointer, all mask: Vector.Scalar, equals pattern: Vector.Scalar,
        _: Vector.Type
    ) -> Int? where Vector.Scalar: FixedWidthInteger {
        let width = MemoryLayout<Vector.Scalar>.size
        let stride = MemoryLayout<Vector>.size
        var offset = 0
        let masks = Vector(repeating: mask.littleEndian)
        let patterns = Vector(repeating: pattern.littleEndian)
        while offset + stride <= bytes.count {
            let vector = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Vector.self)
            if any((vector & masks) .== patterns) { break }
            offset += stride
        }
        while offset + width <= bytes.count {
            let bits = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Vector.Scalar.self)
            if Vector.Scalar(littleEndian: bits) & mask == pattern { return offset / width }
            offset += width
        }
        return nil
    }
}
