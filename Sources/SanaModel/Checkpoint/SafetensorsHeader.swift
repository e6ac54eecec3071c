/// One tensor as a safetensors header describes it.
public struct SafetensorsEntry: Sendable, Equatable {
    public let name: ByteString
    /// The type's name, supported or not.
    public let type: ByteString
    public let shape: [Int]
    /// Counted from the file's start.
    public internal(set) var byteRange: Range<Int>
}

/// Reads a safetensors header and holds every claim in it against the file.
struct SafetensorsHeader {
    /// The format's own limit.
    static let sizeLimit = 100_000_000
    /// A Sana checkpoint has fewer than 2000 tensors. Without a cap a header within its limit could claim millions.
    static let tensorLimit = 65_536
    static let nameLimit = 1024
    static let dimensionLimit = 8

    private(set) var entries: [SafetensorsEntry] = []
    private(set) var metadata: [ByteString: ByteString] = [:]
    private let file: String

    /// - Throws: `FileError`, `JSONError`, `SafetensorsError`.
    init(_ reader: FileReader) throws {
        file = reader.path
        guard reader.size >= 8 else { throw SafetensorsError.tooShort(file: file, size: reader.size) }
        let size = try reader.read(at: 0, count: 8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard size <= Self.sizeLimit else {
            throw SafetensorsError.headerTooLarge(file: file, size: size, limit: Self.sizeLimit)
        }
        guard size <= reader.size - 8 else {
            throw SafetensorsError.headerLargerThanFile(file: file, size: size, available: reader.size - 8)
        }
        let dataStart = 8 + Int(size)
        guard size > 0, try reader.read(at: 8, count: 1) == [UInt8(ascii: "{")] else {
            throw SafetensorsError.headerIsNotAnObject(file: file)
        }
        var json = JSONReader(file: reader, range: 8..<dataStart, name: file)
        try json.readObject { json, name in
            if name == "__metadata__" {
                try readMetadata(&json)
            } else {
                try readEntry(&json, name: name)
            }
        }
        try json.finish()
        try checkLayout(dataSize: reader.size - dataStart)
        for index in entries.indices {
            let range = entries[index].byteRange
            entries[index].byteRange = dataStart + range.lowerBound..<dataStart + range.upperBound
        }
    }

    private mutating func readMetadata(_ json: inout JSONReader) throws {
        try json.readObject { json, key in metadata[key] = try json.readString() }
    }

    private mutating func readEntry(_ json: inout JSONReader, name: ByteString) throws {
        let tensor = name.string
        guard entries.count < Self.tensorLimit else {
            throw SafetensorsError.tooManyTensors(file: file, limit: Self.tensorLimit)
        }
        guard name.bytes.count <= Self.nameLimit else {
            throw SafetensorsError.nameTooLong(file: file, name: tensor, limit: Self.nameLimit)
        }
        var type: ByteString?
        var shape: [Int]?
        var offsets: [Int]?
        try json.readObject { json, field in
            switch field {
            case "dtype": type = try json.readString()
            case "shape": shape = try readShape(&json, tensor: tensor)
            case "data_offsets": offsets = try readOffsets(&json, tensor: tensor)
            default: throw SafetensorsError.unknownField(file: file, tensor: tensor, field: field.string)
            }
        }
        guard let type else {
            throw SafetensorsError.missingField(file: file, tensor: tensor, field: "dtype")
        }
        guard let shape else {
            throw SafetensorsError.missingField(file: file, tensor: tensor, field: "shape")
        }
        guard let offsets else {
            throw SafetensorsError.missingField(file: file, tensor: tensor, field: "data_offsets")
        }
        let entry = SafetensorsEntry(
            name: name, type: type, shape: shape, byteRange: try range(offsets, tensor: tensor))
        try checkSize(entry)
        entries.append(entry)
    }

    private func readShape(_ json: inout JSONReader, tensor: String) throws -> [Int] {
        var shape: [Int] = []
        try json.readArray { json in
            guard shape.count < Self.dimensionLimit else {
                throw SafetensorsError.tooManyDimensions(
                    file: file, tensor: tensor, limit: Self.dimensionLimit)
            }
            let dimension = try json.readInteger()
            guard dimension >= 0 else {
                throw SafetensorsError.negativeDimension(file: file, tensor: tensor, dimension: dimension)
            }
            shape.append(dimension)
        }
        return shape
    }

    private func readOffsets(_ json: inout JSONReader, tensor: String) throws -> [Int] {
        var offsets: [Int] = []
        try json.readArray { json in
            guard offsets.count < 2 else {
                throw SafetensorsError.offsetCount(file: file, tensor: tensor, found: 3)
            }
            let offset = try json.readInteger()
            guard offset >= 0 else {
                throw SafetensorsError.negativeOffset(file: file, tensor: tensor, offset: offset)
            }
            offsets.append(offset)
        }
        return offsets
    }

    private func range(_ offsets: [Int], tensor: String) throws -> Range<Int> {
        guard offsets.count == 2 else {
            throw SafetensorsError.offsetCount(file: file, tensor: tensor, found: offsets.count)
        }
        guard offsets[0] <= offsets[1] else {
            throw SafetensorsError.reversedOffsets(
                file: file, tensor: tensor, begin: offsets[0], end: offsets[1])
        }
        return offsets[0]..<offsets[1]
    }

    /// The bytes that a type and a shape call for must be those that the offsets give.
    private func checkSize(_ entry: SafetensorsEntry) throws {
        guard let bits = bitCount(ofSafetensorsType: entry.type) else { return }
        let tensor = entry.name.string
        var product = bits
        // A zero among the dimensions must not hide that the others overflow: consumers multiply in any order.
        for dimension in entry.shape where dimension > 0 {
            let (next, overflows) = product.multipliedReportingOverflow(by: dimension)
            guard !overflows else { throw SafetensorsError.sizeOverflow(file: file, tensor: tensor) }
            product = next
        }
        let size = entry.shape.contains(0) ? 0 : (product - 1) / 8 + 1
        guard size == entry.byteRange.count else {
            throw SafetensorsError.sizeMismatch(
                file: file, tensor: tensor, expected: size, found: entry.byteRange.count)
        }
    }

    /// The tensors must cover the data without holes, overlaps or trailing bytes.
    private mutating func checkLayout(dataSize: Int) throws {
        entries.sort {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound)
                < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        }
        var end = 0
        for entry in entries {
            let tensor = entry.name.string
            let range = entry.byteRange
            guard range.upperBound <= dataSize else {
                throw SafetensorsError.outOfFile(
                    file: file, tensor: tensor, end: range.upperBound, available: dataSize)
            }
            guard range.lowerBound >= end else {
                throw SafetensorsError.overlap(
                    file: file, tensor: tensor, begin: range.lowerBound, previousEnd: end)
            }
            guard range.lowerBound == end else {
                throw SafetensorsError.hole(
                    file: file, tensor: tensor, begin: range.lowerBound, previousEnd: end)
            }
            end = range.upperBound
        }
        guard end == dataSize else {
            throw SafetensorsError.trailingBytes(file: file, count: dataSize - end)
        }
    }
}
