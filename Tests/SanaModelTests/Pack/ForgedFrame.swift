import SanaModel

/// A zstd frame put together field by field (RFC 8878), to be wrong in one of them.
struct ForgedFrame {
    enum Block {
        case raw([UInt8])
        case run(UInt8, count: Int)
        /// Of the type that only decoders with a fault accept.
        case reserved
    }

    var magic: UInt32 = 0xFD2F_B528
    var hasChecksum = true
    var reservedBit = false
    /// The window descriptor; nil makes the frame a single segment.
    var window: UInt8?
    /// nil leaves the size of the content unsaid.
    var contentSize: UInt64?
    var dictionary: UInt32?
    var blocks: [Block]
    var checksum: UInt32

    /// A frame that holds `count` times `byte`.
    init(_ byte: UInt8, count: Int) {
        contentSize = UInt64(count)
        blocks = stride(from: 0, to: count, by: 1 << 17).map { start in
            .run(byte, count: min(1 << 17, count - start))
        }
        checksum = Self.checksum([UInt8](repeating: byte, count: count))
    }

    init(_ content: [UInt8]) {
        contentSize = UInt64(content.count)
        blocks = stride(from: 0, to: content.count, by: 1 << 17).map { start in
            .raw(Array(content[start..<min(start + 1 << 17, content.count)]))
        }
        checksum = Self.checksum(content)
    }

    private static func checksum(_ content: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: XXH64.hash(content))
    }

    var bytes: [UInt8] {
        var bytes = littleEndianBytes(magic)
        var descriptor: UInt8 = 0
        if contentSize != nil { descriptor |= 0xC0 }
        if window == nil { descriptor |= 0x20 }
        if reservedBit { descriptor |= 0x08 }
        if hasChecksum { descriptor |= 0x04 }
        if dictionary != nil { descriptor |= 0x03 }
        bytes.append(descriptor)
        if let window { bytes.append(window) }
        if let dictionary { bytes += littleEndianBytes(dictionary) }
        if let contentSize { bytes += littleEndianBytes(contentSize) }
        for (index, block) in blocks.enumerated() {
            let isLast: UInt32 = index == blocks.count - 1 ? 1 : 0
            switch block {
            case .raw(let content):
                bytes += littleEndianBytes(isLast | UInt32(content.count) << 3).prefix(3) + content
            case .run(let byte, let count):
                bytes += littleEndianBytes(isLast | 1 << 1 | UInt32(count) << 3).prefix(3) + [byte]
            case .reserved:
                bytes += littleEndianBytes(isLast | 3 << 1).prefix(3)
            }
        }
        if hasChecksum { bytes += littleEndianBytes(checksum) }
        return bytes
    }
}

func littleEndianBytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
}
