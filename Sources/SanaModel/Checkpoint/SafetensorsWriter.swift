/// A safetensors file that is being put together in memory.
public struct SafetensorsWriter: Sendable {
    private var header = JSONObject()
    private var data: [UInt8] = []

    /// - Parameter metadata: goes into the header, keys and values as they are.
    public init(metadata: [(key: String, value: String)] = []) {
        guard !metadata.isEmpty else { return }
        var members = JSONObject()
        for (key, value) in metadata { members[key] = .string(value) }
        header["__metadata__"] = .object(members)
    }

    /// Adds a tensor; a name that has been added already gets these values.
    ///
    /// - Parameter bytes: the elements, little endian, row-major.
    public mutating func add(_ name: String, _ type: ElementType, shape: [Int], bytes: [UInt8]) {
        precondition(bytes.count == shape.reduce(type.byteCount, *), "\(bytes.count) bytes for \(shape)")
        header[name] = [
            "dtype": .string(type.name), "shape": .array(shape.map { .integer($0) }),
            "data_offsets": [.integer(data.count), .integer(data.count + bytes.count)],
        ]
        data += bytes
    }

    /// Adds float32 values.
    public mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        add(name, .f32, shape: shape, bytes: values.flatMap { littleEndian($0.bitPattern) })
    }

    /// The file's bytes.
    public var bytes: [UInt8] {
        var text = Array(JSON.object(header).serialized().utf8)
        // Readers expect the numbers at a multiple of eight.
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        return littleEndian(UInt64(text.count)) + text + data
    }

    /// Writes the file, which appears under its name when it is whole; one that is there is replaced.
    public func write(to path: String) throws(OutputError) {
        let bytes = bytes
        let file = try AtomicFile(target: path, overwrite: true, expectedSize: bytes.count)
        try file.write(bytes, at: 0)
        try file.commit()
    }
}

private func littleEndian<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
    (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> Word($0 * 8)) }
}
