/// Reads valid UTF-8 scalar by scalar, each with its bytes.
struct ScalarReader {
    private let text: ArraySlice<UInt8>
    private var position: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        self.position = text.startIndex
    }

    mutating func next() -> (scalar: Unicode.Scalar, bytes: ArraySlice<UInt8>)? {
        guard position < text.endIndex else { return nil }
        let end = min(position + scalarLength(text[position]), text.endIndex)
        let bytes = text[position..<end]
        position = end
        return (decode(bytes), bytes)
    }
}

/// The first scalar of valid UTF-8.
func firstScalar(_ text: ArraySlice<UInt8>) -> Unicode.Scalar? {
    var reader = ScalarReader(text)
    return reader.next()?.scalar
}

/// The last scalar of valid UTF-8.
func lastScalar(_ text: ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard let start = text.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return nil }
    return decode(text[start...])
}

/// The scalar of a text that is one scalar long.
func onlyScalar(_ text: ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard let first = text.first, text.count == scalarLength(first) else { return nil }
    return decode(text)
}

/// Bytes of the scalar that begins with this byte.
private func scalarLength(_ byte: UInt8) -> Int {
    switch byte {
    case 0xF0...: 4
    case 0xE0...: 3
    case 0xC0...: 2
    default: 1
    }
}

/// The scalar of its bytes in valid UTF-8.
private func decode(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar {
    var value: UInt32 = 0
    for (index, byte) in bytes.enumerated() {
        if index == 0 {
            value = UInt32(bytes.count == 1 ? byte : byte & (0x7F >> UInt8(truncatingIfNeeded: bytes.count)))
        } else {
            value = value << 6 | UInt32(byte & 0x3F)
        }
    }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
}
