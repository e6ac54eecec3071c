/// Fixed-size little-endian records, appended one after the other.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    mutating func append(_ more: [UInt8]) {
        bytes += more
    }
}

/// Fixed-size little-endian records, read one after the other.
struct RecordReader {
    struct PastEnd: Error {}

    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next<Value: FixedWidthInteger & UnsignedInteger>() throws(PastEnd) -> Value {
        let size = Value.bitWidth / 8
        guard bytes.count - offset >= size else { throw PastEnd() }
        var value: Value = 0
        for index in 0..<size {
            value |= Value(bytes[offset + index]) << Value(8 * index)
        }
        offset += size
        return value
    }
}
