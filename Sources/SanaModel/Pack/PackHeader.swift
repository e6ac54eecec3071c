/// The first 64 bytes of a pack. Zeros follow up to the data, then the chunks, then the table of contents.
///
/// | offset | type | |
/// |---|---|---|
/// | 0 | 8 bytes | 0x89 "SQN" CR LF 0x1A LF: a transfer in text mode changes it |
/// | 8 | u16, u16 | format version, major and minor |
/// | 12 | u32 | flags, none known |
/// | 16 | u64 | size of the file |
/// | 24 | u64 | where the data begins, 4096 |
/// | 32 | u64, u64 | table of contents: offset and size; it ends where the file ends |
/// | 48 | u64 | XXH64 of the table of contents |
/// | 56 | u64 | XXH64 of the 56 bytes before |
struct PackHeader {
    static let magic: [UInt8] = [0x89, 0x53, 0x51, 0x4E, 0x0D, 0x0A, 0x1A, 0x0A]
    static let major: UInt16 = 1
    static let minor: UInt16 = 0
    static let size = 64
    static let dataOffset = 4096
    static let tableLimit = 16 << 20

    var tableOffset: Int
    var tableSize: Int
    var tableHash: UInt64

    func encoded() -> [UInt8] {
        var record = RecordWriter()
        record.append(Self.magic)
        record.append(Self.major)
        record.append(Self.minor)
        record.append(UInt32(0))
        record.append(UInt64(tableOffset + tableSize))
        record.append(UInt64(Self.dataOffset))
        record.append(UInt64(tableOffset))
        record.append(UInt64(tableSize))
        record.append(tableHash)
        record.append(XXH64.hash(record.bytes))
        return record.bytes
    }
}

extension PackHeader {
    /// Reads what a file of `fileSize` bytes begins with: `size` bytes, or all of a shorter file.
    init(_ bytes: [UInt8], fileSize: Int) throws(HeaderFault) {
        try Self.checkMagic(bytes)
        guard bytes.count == Self.size, fileSize >= Self.dataOffset else { throw .tooShort(size: fileSize) }
        do {
            var record = RecordReader(Array(bytes[Self.magic.count...]))
            let major: UInt16 = try record.next()
            let minor: UInt16 = try record.next()
            guard major != Self.major.byteSwapped else { throw HeaderFault.byteSwapped }
            guard major == Self.major else { throw HeaderFault.version(major: major, minor: minor) }
            let flags: UInt32 = try record.next()
            let claimedSize: UInt64 = try record.next()
            let dataOffset: UInt64 = try record.next()
            let tableOffset: UInt64 = try record.next()
            let tableSize: UInt64 = try record.next()
            tableHash = try record.next()
            guard try record.next() == XXH64.hash(Array(bytes[..<(Self.size - 8)])) else {
                throw HeaderFault.hash
            }

            guard flags == 0 else { throw HeaderFault.unknownFlags(flags) }
            guard claimedSize == UInt64(fileSize) else {
                throw HeaderFault.fileSize(claimed: claimedSize, found: fileSize)
            }
            guard dataOffset == UInt64(Self.dataOffset) else { throw HeaderFault.dataOffset(dataOffset) }
            guard tableSize <= UInt64(Self.tableLimit) else {
                throw HeaderFault.tableTooLarge(size: tableSize)
            }
            let (end, overflow) = tableOffset.addingReportingOverflow(tableSize)
            guard !overflow, end == claimedSize, tableOffset >= dataOffset else {
                throw HeaderFault.tableBounds(offset: tableOffset, size: tableSize)
            }
            self.tableOffset = Int(tableOffset)
            self.tableSize = Int(tableSize)
        } catch {
            throw error as? HeaderFault ?? .tooShort(size: fileSize)
        }
    }

    private static func checkMagic(_ bytes: [UInt8]) throws(HeaderFault) {
        let found = bytes.prefix(magic.count)
        guard found != magic[..<found.count] else { return }
        // What is left when line ends were changed, or the eighth bit was cut off.
        let isNearlyAPack = found.count == magic.count && found[1..<4] == magic[1..<4]
        throw isNearlyAPack ? .textMode : .notAPack
    }
}
