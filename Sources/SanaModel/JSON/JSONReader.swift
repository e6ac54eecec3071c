/// Reads JSON one value at a time, from memory or from a part of a file, without keeping what it has read.
///
/// It accepts what RFC 8259 calls JSON, plus `Infinity`, `-Infinity` and `NaN` as Python writes them. Its own
/// memory is a window of the file and one flag per level of nesting.
public struct JSONReader {
    /// What stands next.
    public enum Kind: Sendable {
        case object, array, string, number, bool, null

        var title: String {
            switch self {
            case .object: "an object"
            case .array: "an array"
            case .string: "a string"
            case .number: "a number"
            case .bool: "true or false"
            case .null: "null"
            }
        }
    }

    /// Nesting beyond this is an error: readers of values recurse.
    public static let depthLimit = 64
    private static let windowSize = 1 << 16

    /// The file's name, for messages.
    public let name: String
    private let file: FileReader?
    private let end: Int
    private(set) var window: [UInt8]
    private var windowStart: Int
    var position = 0
    /// One flag per open object or array: whether a member was read already.
    private var levels: [Bool] = []

    public init(bytes: [UInt8], name: String) {
        self.name = name
        self.file = nil
        self.window = bytes
        self.windowStart = 0
        self.end = bytes.count
    }

    /// Reads the bytes `range` of a file, 64 KiB at a time. Offsets in messages count from the file's start.
    public init(file: FileReader, range: Range<Int>, name: String) {
        self.name = name
        self.file = file
        self.window = []
        self.windowStart = range.lowerBound
        self.end = range.upperBound
    }

    /// The next byte's place.
    public var offset: Int { windowStart + position }

    // MARK: Values

    public mutating func peek() throws -> Kind {
        switch try nextSignificantByte() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "I"), UInt8(ascii: "N"):
            return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case let byte: throw unexpected(byte, expected: "a value")
        }
    }

    /// Reads an object, key by key; `member` reads the key's value. The same key twice is an error.
    public mutating func readObject(_ member: (inout JSONReader, ByteString) throws -> Void) throws {
        var keys: Set<ByteString> = []
        var key: [UInt8] = []
        try openObject()
        while try nextKey(into: &key) {
            let name = ByteString(bytes: key)
            guard keys.insert(name).inserted else {
                throw JSONError.duplicateKey(file: self.name, key: name.string)
            }
            try member(&self, name)
            key.removeAll(keepingCapacity: true)
        }
    }

    /// Reads an array; `element` reads one value.
    public mutating func readArray(_ element: (inout JSONReader) throws -> Void) throws {
        try openArray()
        while try nextElement() {
            try element(&self)
        }
    }

    /// Passes over the next value, whatever it is, and does not look for duplicate keys in it.
    public mutating func skipValue() throws {
        switch try peek() {
        case .object:
            var key: [UInt8] = []
            try openObject()
            while try nextKey(into: &key) {
                key.removeAll(keepingCapacity: true)
                try skipValue()
            }
        case .array: try readArray { try $0.skipValue() }
        case .string: _ = try readString()
        case .number: _ = try readNumber()
        case .bool: _ = try readBool()
        case .null: try readNull()
        }
    }

    /// Makes sure that nothing but white space is left.
    public mutating func finish() throws {
        try skipWhiteSpace()
        guard try currentByte() == nil else { throw JSONError.trailingBytes(file: name, offset: offset) }
    }

    // MARK: Objects and arrays, step by step

    public mutating func openObject() throws {
        try open(.object)
    }

    public mutating func openArray() throws {
        try open(.array)
    }

    /// Appends the next key's bytes to `key`; false, and the object is closed, where there is none. The caller looks
    /// for duplicates.
    public mutating func nextKey(into key: inout [UInt8]) throws -> Bool {
        guard try nextMember(closing: UInt8(ascii: "}"), expected: "\",\" or \"}\"") else { return false }
        guard try nextSignificantByte() == UInt8(ascii: "\"") else {
            throw unexpected(try nextSignificantByte(), expected: "a key")
        }
        try readString(into: &key)
        let colon = try nextSignificantByte()
        guard colon == UInt8(ascii: ":") else { throw unexpected(colon, expected: "\":\"") }
        position += 1
        return true
    }

    /// False, and the array is closed, where there is no further element.
    public mutating func nextElement() throws -> Bool {
        try nextMember(closing: UInt8(ascii: "]"), expected: "\",\" or \"]\"")
    }

    private mutating func open(_ kind: Kind) throws {
        try expect(kind)
        guard levels.count < Self.depthLimit else {
            throw JSONError.tooDeep(file: name, offset: offset, limit: Self.depthLimit)
        }
        levels.append(false)
        position += 1
    }

    private mutating func nextMember(closing: UInt8, expected: String) throws -> Bool {
        let byte = try nextSignificantByte()
        let hasMembers = levels.last ?? false
        if byte == closing {
            position += 1
            _ = levels.popLast()
            return false
        }
        if hasMembers {
            guard byte == UInt8(ascii: ",") else { throw unexpected(byte, expected: expected) }
            position += 1
            let next = try nextSignificantByte()
            guard next != closing else { throw unexpected(next, expected: "another member") }
        } else if !levels.isEmpty {
            levels[levels.count - 1] = true
        }
        return true
    }

    // MARK: Bytes

    mutating func expect(_ kind: Kind) throws {
        let found = try peek()
        guard found == kind else {
            throw JSONError.wrongType(file: name, offset: offset, expected: kind.title, found: found.title)
        }
    }

    mutating func nextSignificantByte() throws -> UInt8 {
        try skipWhiteSpace()
        guard let byte = try currentByte() else { throw JSONError.unexpectedEnd(file: name) }
        return byte
    }

    private mutating func skipWhiteSpace() throws {
        while let byte = try currentByte(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    mutating func currentByte() throws -> UInt8? {
        if position == window.count {
            guard let file, offset < end else { return nil }
            windowStart = offset
            position = 0
            window = try file.read(at: windowStart, count: min(Self.windowSize, end - windowStart))
        }
        return window[position]
    }

    private func unexpected(_ byte: UInt8, expected: String) -> JSONError {
        .unexpectedByte(file: name, offset: offset, expected: expected, found: byte)
    }
}
