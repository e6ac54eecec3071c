/// A JSON value: configurations, the manifest, reports. Large files are read with `JSONReader` instead.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number that is written as an integer and fits.
    case integer(Int)
    /// Any other number; `Infinity`, `-Infinity` and `NaN` as well.
    case number(Double)
    case string(ByteString)
    case array([JSON])
    case object(JSONObject)

    /// The value that `bytes` hold.
    ///
    /// - Parameter name: the file's name, for messages.
    /// - Throws: `JSONError`.
    public static func parse(_ bytes: [UInt8], name: String) throws -> JSON {
        var reader = JSONReader(bytes: bytes, name: name)
        let value = try reader.readValue()
        try reader.finish()
        return value
    }
}

extension JSONReader {
    /// Reads the next value whole.
    public mutating func readValue() throws -> JSON {
        switch try peek() {
        case .object:
            var object = JSONObject()
            try readObject { reader, key in object[key] = try reader.readValue() }
            return .object(object)
        case .array:
            var elements: [JSON] = []
            try readArray { elements.append(try $0.readValue()) }
            return .array(elements)
        case .string: return .string(try readString())
        case .number: return try readNumber()
        case .bool: return .bool(try readBool())
        case .null:
            try readNull()
            return .null
        }
    }
}

// MARK: Access

extension JSON {
    /// An object's member; nil where this is no object or has no such member.
    public subscript(_ key: String) -> JSON? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    public var isNull: Bool { self == .null }

    public var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var intValue: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// A number, however it is written.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    public var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value.string
    }

    public var arrayValue: [JSON]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    public var objectValue: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }
}

// MARK: Literals

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(ByteString(value)) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// The members in the order in which they are written.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(members.reduce(into: JSONObject()) { $0[$1.0] = $1.1 })
    }

    public static func string(_ text: String) -> JSON { .string(ByteString(text)) }
}
