extension PackTableParser {
    mutating func addTensors(_ records: [TensorRecord]) throws {
        var seen: Set<String> = []
        var nameEnd = 0
        var follows = false
        for (index, record) in records.enumerated() {
            let name = try name(of: record, index, at: &nameEnd)
            guard seen.insert(name).inserted else { throw TableFault.duplicateName(name) }
            let tensor = try tensor(record, name: name, isScale: follows)
            follows = tensor.elementType == .i8
            table.tensors.append(tensor)
        }
        guard nameEnd == names.count else {
            throw TableFault.nameBytes(found: names.count, expected: nameEnd)
        }
    }

    private func name(of record: TensorRecord, _ index: Int, at end: inout Int) throws -> String {
        let length = Int(record.nameLength)
        guard record.nameOffset == end, length <= names.count - end else {
            throw TableFault.nameRange(index: index)
        }
        let name = names[(names.startIndex + end)...].prefix(length)
        guard PackTensor.isName(name) else { throw TableFault.name(index: index) }
        end += length
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func tensor(_ record: TensorRecord, name: String, isScale: Bool) throws -> PackTensor {
        func wrong(_ fault: TensorFault) -> PackError { .tensor(path: path, name: name, fault) }
        guard let scheme = Scheme(rawValue: record.scheme) else { throw wrong(.scheme(record.scheme)) }
        guard let type = ElementType(rawValue: record.elementType) else {
            throw wrong(.elementType(record.elementType))
        }
        guard scheme.elementTypes.contains(type) else { throw wrong(.schemeType(scheme, type)) }
        let (shape, byteCount) = try self.shape(record, type, name: name)
        guard record.byteCount == UInt64(byteCount) else {
            throw wrong(.byteCount(claimed: record.byteCount, expected: byteCount))
        }
        guard !scheme.isQuantized || shape.count == 2 else {
            throw wrong(.notAMatrix(dimensions: shape.count))
        }
        let rowBytes = byteCount / shape[0]
        guard rowBytes <= ChunkPlan.maximumSize else { throw wrong(.rowTooLong(bytes: rowBytes)) }

        let range = try claim(record.firstChunk, record.chunkCount, owner: name)
        try requireFilters(range, type, owner: name)
        if let chunk = range.first(where: { !table.chunks[$0].size.isMultiple(of: rowBytes) }) {
            throw wrong(.partialRows(chunk: chunk - range.lowerBound))
        }
        if let chunk = unevenChunk(range) { throw wrong(.unevenChunks(chunk: chunk)) }
        guard sum(of: range) == byteCount else {
            throw wrong(.chunkSum(found: sum(of: range), expected: byteCount))
        }
        return PackTensor(
            name: name, scheme: scheme, elementType: type, shape: shape, chunkRange: range,
            rowsPerChunk: table.chunks[range.lowerBound].size / rowBytes,
            scaleIndex: record.scale == PackTable.noScale ? nil : Int(record.scale), isScale: isScale,
            storedByteCount: table.chunks[range].reduce(0) { $0 + $1.storedSize })
    }

    private func shape(_ record: TensorRecord, _ type: ElementType, name: String) throws -> ([Int], Int) {
        func wrong(_ fault: TensorFault) -> PackError { .tensor(path: path, name: name, fault) }
        let count = Int(record.dimensionCount)
        guard (1...PackTensor.maximumDimensions).contains(count) else {
            throw wrong(.dimensionCount(record.dimensionCount))
        }
        var shape: [Int] = []
        var byteCount = type.byteCount
        for (index, dimension) in record.shape.enumerated() {
            guard index < count ? dimension >= 1 : dimension == 0 else {
                throw wrong(.dimension(index: index, dimension))
            }
            guard index < count else { continue }
            guard let dimension = Int(exactly: dimension) else { throw wrong(.shapeOverflow) }
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw wrong(.shapeOverflow) }
            byteCount = product
            shape.append(dimension)
        }
        return (shape, byteCount)
    }

    /// Each quantized tensor's scales are the next tensor, `<name>_scale`, float32, one for each row.
    func checkScales() throws {
        for (index, tensor) in table.tensors.enumerated() {
            func wrong(_ fault: TensorFault) -> PackError { .tensor(path: path, name: tensor.name, fault) }
            guard tensor.elementType == .i8 else {
                if let scale = tensor.scaleIndex { throw wrong(.unexpectedScale(UInt32(scale))) }
                continue
            }
            guard let link = tensor.scaleIndex else { throw wrong(.noScale) }
            guard link == index + 1, link < table.tensors.count else { throw wrong(.scaleLink(UInt32(link))) }
            let scale = table.tensors[link]
            let name = tensor.name + PackTensor.scaleSuffix
            guard scale.name == name, scale.elementType == .f32, scale.shape == [tensor.rows] else {
                throw wrong(.scaleTensor(expected: "\(name), F32 [\(tensor.rows)]"))
            }
        }
    }
}

/// A tensor's record, its numbers not looked at yet.
struct TensorRecord {
    let nameOffset: UInt32
    let nameLength: UInt16
    let scheme: UInt8
    let elementType: UInt8
    let dimensionCount: UInt8
    let scale: UInt32
    let shape: [UInt64]
    let byteCount: UInt64
    let firstChunk: UInt32
    let chunkCount: UInt32

    init(_ reader: inout RecordReader, _ index: Int) throws {
        nameOffset = try reader.next()
        nameLength = try reader.next()
        scheme = try reader.next()
        elementType = try reader.next()
        dimensionCount = try reader.next()
        let zero: UInt8 = try reader.next()
        let zeros: UInt16 = try reader.next()
        guard zero == 0, zeros == 0 else { throw TableFault.reserved(what: "tensor", index: index) }
        scale = try reader.next()
        shape = try (0..<PackTensor.maximumDimensions).map { _ in try reader.next() }
        byteCount = try reader.next()
        firstChunk = try reader.next()
        chunkCount = try reader.next()
    }
}
