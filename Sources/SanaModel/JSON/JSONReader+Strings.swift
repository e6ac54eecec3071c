extension JSONReader {
    public mutating func readString() throws -> ByteString {
        var bytes: [UInt8] = []
        try readString(into: &bytes)
        return ByteString(bytes: bytes)
    }

    /// Appends a string's bytes, valid UTF-8, to `bytes`.
    public mutating func readString(into bytes: inout [UInt8]) throws {
        try expect(.string)
        position += 1
        let start = bytes.count
        let startOffset = offset
        while true {
            guard try currentByte() != nil else { throw JSONError.unexpectedEnd(file: name) }
            var stop = position
            while stop < window.count, !isSpecial(window[stop]) { stop += 1 }
            bytes.append(contentsOf: window[position..<stop])
            position = stop
            guard let byte = try currentByte() else { throw JSONError.unexpectedEnd(file: name) }
            if byte == UInt8(ascii: "\"") {
                position += 1
                break
            } else if byte == UInt8(ascii: "\\") {
                position += 1
                try readEscape(into: &bytes)
            } else if byte < 0x20 {
                throw JSONError.controlCharacter(file: name, offset: offset)
            }
        }
        do {
            _ = try UTF8Span(validating: bytes.span.extracting(start..<bytes.count))
        } catch {
            throw JSONError.invalidUTF8(file: name, offset: startOffset)
        }
    }

    private mutating func readEscape(into bytes: inout [UInt8]) throws {
        let start = offset - 1
        guard let byte = try currentByte() else { throw JSONError.unexpectedEnd(file: name) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            var value = try readFourDigits(from: start)
            if (0xD800..<0xDC00).contains(value) {
                guard try currentByte() == UInt8(ascii: "\\") else {
                    throw JSONError.loneSurrogate(file: name, offset: start)
                }
                position += 1
                guard try currentByte() == UInt8(ascii: "u") else {
                    throw JSONError.loneSurrogate(file: name, offset: start)
                }
                position += 1
                let low = try readFourDigits(from: start)
                guard (0xDC00..<0xE000).contains(low) else {
                    throw JSONError.loneSurrogate(file: name, offset: start)
                }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else {
                throw JSONError.loneSurrogate(file: name, offset: start)
            }
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw JSONError.invalidEscape(file: name, offset: start)
        }
    }

    private mutating func readFourDigits(from start: Int) throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = try currentByte() else { throw JSONError.unexpectedEnd(file: name) }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw JSONError.invalidEscape(file: name, offset: start)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

private func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}
