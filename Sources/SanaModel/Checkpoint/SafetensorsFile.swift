/// A safetensors file whose header has been held against it. Its tensors are read by range, when they are needed.
public final class SafetensorsFile: Sendable {
    public let path: String
    /// In the order of their bytes.
    public let entries: [SafetensorsEntry]
    public let metadata: [ByteString: ByteString]
    private let reader: FileReader

    /// - Throws: `FileError`, `JSONError`, `SafetensorsError`.
    public init(path: String) throws {
        let reader = try FileReader(path: path)
        let header = try SafetensorsHeader(reader)
        self.path = path
        self.reader = reader
        self.entries = header.entries
        self.metadata = header.metadata
    }

    /// The entry as a tensor that can be read.
    ///
    /// - Throws: `SafetensorsError.unsupportedType` unless it is F32, F16 or BF16.
    public func tensor(_ entry: SafetensorsEntry) throws -> CheckpointTensor {
        guard let type = ElementType(safetensorsType: entry.type) else {
            throw SafetensorsError.unsupportedType(
                file: path, tensor: entry.name.string, type: entry.type.string)
        }
        return CheckpointTensor(
            name: entry.name.string, type: type, shape: entry.shape, byteRange: entry.byteRange, file: self)
    }

    func readBytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        try reader.read(at: range.lowerBound, count: range.count)
    }
}

/// A checkpoint's tensor: where it is and what it is. Its values are read when they are needed.
public struct CheckpointTensor: Sendable {
    public let name: String
    /// F32, F16 or BF16.
    public let type: ElementType
    /// Row-major.
    public let shape: [Int]
    /// In its file.
    public let byteRange: Range<Int>
    let file: SafetensorsFile

    /// The file that holds it.
    public var path: String { file.path }
    public var elementCount: Int { byteRange.count / type.byteCount }

    /// The bytes of some elements, little endian, counted row by row.
    ///
    /// - Throws: `FileError`, above all where the file shrank; `CheckpointError.elementsOutOfRange`.
    public func readBytes(elements: Range<Int>) throws -> [UInt8] {
        guard elements.lowerBound >= 0, elements.upperBound <= elementCount else {
            throw CheckpointError.elementsOutOfRange(tensor: name, elements: elements, count: elementCount)
        }
        let start = byteRange.lowerBound + elements.lowerBound * type.byteCount
        return try file.readBytes(start..<start + elements.count * type.byteCount)
    }
}
