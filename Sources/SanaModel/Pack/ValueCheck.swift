/// What a chunk's numbers may be, whatever its hash says.
package enum ValueCheck {
    /// Scales of weights are far below; a larger one would overflow what they are multiplied with.
    package static let scaleLimit: Float = 1e4

    /// The first fault in the elements of one chunk; `isScale` where they are scales.
    static func fault(in bytes: UnsafeRawBufferPointer, _ type: ElementType, isScale: Bool) -> ChunkFault? {
        switch type {
        case .i8:
            unsafe first(of: 0x80, under: 0xFF, in: bytes, type).map {
                .minusOneHundredTwentyEight(element: $0)
            }
        case .f16: unsafe first(of: 0x7C00, under: 0x7C00, in: bytes, type).map { .notFinite(element: $0) }
        case .bf16: unsafe first(of: 0x7F80, under: 0x7F80, in: bytes, type).map { .notFinite(element: $0) }
        case .f32 where isScale: unsafe scaleFault(in: bytes)
        case .f32:
            unsafe first(of: 0x7F80_0000, under: 0x7F80_0000, in: bytes, type).map { .notFinite(element: $0) }
        }
    }

    /// Whether all elements are finite numbers.
    package static func isFinite(_ bytes: [UInt8], _ type: ElementType) -> Bool {
        let found = unsafe bytes.withUnsafeBytes { unsafe fault(in: $0, type, isScale: false) }
        guard case .notFinite? = found else { return true }
        return false
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

    /// The first element whose bits under `mask` are `pattern`.
    ///
    /// Looks at eight bytes at a time: with the pattern subtracted, an element is wanted if it is zero, and a
    /// word has a zero in one of its lanes exactly if `(word - ones) & ~word & tops` is not zero.
    private static func first(
        of pattern: UInt64, under mask: UInt64, in bytes: UnsafeRawBufferPointer, _ type: ElementType
    ) -> Int? {
        let width = type.byteCount
        let ones: UInt64 =
            switch width {
            case 1: 0x0101_0101_0101_0101
            case 2: 0x0001_0001_0001_0001
            default: 0x0000_0001_0000_0001
            }
        let tops = ones << UInt64(8 * width - 1)
        let (patterns, masks) = (pattern &* ones, mask &* ones)
        var found: UInt64 = 0
        for index in 0..<bytes.count / 8 {
            let word = unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            let lanes = (word ^ patterns) & masks
            found |= (lanes &- ones) & ~lanes & tops
        }
        let tail = bytes.count / 8 * 8
        let start = found == 0 ? tail : 0
        return (start / width..<bytes.count / width).first { element in
            var bits: UInt64 = 0
            for index in 0..<width {
                bits |= unsafe UInt64(bytes[element * width + index]) << UInt64(8 * index)
            }
            return bits & mask == pattern
        }
    }
}
