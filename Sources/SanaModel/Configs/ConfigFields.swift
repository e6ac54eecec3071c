/// A configuration that this project does not run, or that contradicts itself.
public enum ConfigError: Failure, Equatable {
    case notAnObject(file: String)
    case missing(file: String, key: String)
    case unknown(file: String, key: String)
    case wrongType(file: String, key: String, expected: String, found: String)
    case outOfRange(file: String, key: String, found: String, expected: String)
    case unsupported(file: String, key: String, found: String, supported: String)
    case contradiction(file: String, what: String)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .notAnObject(let file):
            "\(file) is not a JSON object."
        case .missing(let file, let key):
            "\(file) has no \(quoted(key)), which this model needs."
        case .unknown(let file, let key):
            "\(file) has the option \(quoted(key)), which this version does not know and will not ignore."
        case .wrongType(let file, let key, let expected, let found):
            "\(file): \(quoted(key)) should be \(expected), found \(found)."
        case .outOfRange(let file, let key, let found, let expected):
            "\(file): \(quoted(key)) is \(found), expected \(expected)."
        case .unsupported(let file, let key, let found, let supported):
            "\(file): \(quoted(key)) is \(found), which is not supported; supported: \(supported)."
        case .contradiction(let file, let what):
            "\(file): \(what)."
        }
    }
}

/// The options of one configuration file, each read at most once; what nobody asked for is refused by name.
struct ConfigFields {
    let file: String
    private let object: JSONObject
    private var unread: Set<ByteString>

    init(_ json: JSON, file: String) throws {
        guard let object = json.objectValue else { throw ConfigError.notAnObject(file: file) }
        self.file = file
        self.object = object
        unread = Set(object.members.map(\.key))
    }

    /// The option's value; nil where it is absent.
    mutating func value(_ key: String) -> JSON? {
        unread.remove(ByteString(key))
        return object[key]
    }

    /// The option's value; nil where it is absent or null.
    mutating func present(_ key: String) -> JSON? {
        switch value(key) {
        case nil, .null: nil
        case let json: json
        }
    }

    mutating func integer(_ key: String, default fallback: Int? = nil, in range: ClosedRange<Int>) throws
        -> Int
    {
        guard let json = present(key) else {
            guard let fallback else { throw ConfigError.missing(file: file, key: key) }
            return fallback
        }
        guard let number = json.intValue else { throw wrongType(key, "an integer", json) }
        guard range.contains(number) else {
            throw ConfigError.outOfRange(
                file: file, key: key, found: String(number),
                expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func number(
        _ key: String, default fallback: Double? = nil, in range: ClosedRange<Double>
    ) throws -> Double {
        guard let json = present(key) else {
            guard let fallback else { throw ConfigError.missing(file: file, key: key) }
            return fallback
        }
        guard let number = json.doubleValue else { throw wrongType(key, "a number", json) }
        guard range.contains(number) else {
            throw ConfigError.outOfRange(
                file: file, key: key, found: String(number),
                expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func optionalNumber(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
        present(key) == nil ? nil : try number(key, in: range)
    }

    mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        present(key) == nil ? nil : try integer(key, in: range)
    }

    mutating func flag(_ key: String, default fallback: Bool) throws -> Bool {
        guard let json = present(key) else { return fallback }
        guard let flag = json.boolValue else { throw wrongType(key, "true or false", json) }
        return flag
    }

    /// One of the names in `supported`; any other is refused by name.
    mutating func name(
        _ key: String, default fallback: String? = nil, supported: [String]
    ) throws -> String {
        guard let json = present(key) else {
            guard let fallback else { throw ConfigError.missing(file: file, key: key) }
            return fallback
        }
        guard let name = json.stringValue else { throw wrongType(key, "a string", json) }
        try requireSupported(key, name, supported)
        return name
    }

    func requireSupported(_ key: String, _ name: String, _ supported: [String]) throws {
        guard supported.contains(where: { ByteString($0) == ByteString(name) }) else {
            throw ConfigError.unsupported(
                file: file, key: key, found: quoted(name), supported: supported.joined(separator: ", "))
        }
    }

    /// A list of integers of `count` elements.
    mutating func integers(_ key: String, count: Int? = nil, in range: ClosedRange<Int>) throws -> [Int] {
        guard let json = present(key) else { throw ConfigError.missing(file: file, key: key) }
        guard let elements = json.arrayValue else { throw wrongType(key, "a list of integers", json) }
        try requireCount(key, elements.count, count)
        return try elements.map { element in
            guard let number = element.intValue, range.contains(number) else {
                throw ConfigError.outOfRange(
                    file: file, key: key, found: element.serialized(pretty: false),
                    expected: "integers from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    /// `count` names from `supported`, given as a list or as one name for all.
    mutating func names(
        _ key: String, count: Int, default fallback: String, supported: [String]
    ) throws -> [String] {
        guard let json = present(key) else { return Array(repeating: fallback, count: count) }
        if let name = json.stringValue {
            try requireSupported(key, name, supported)
            return Array(repeating: name, count: count)
        }
        guard let elements = json.arrayValue else { throw wrongType(key, "a name or a list of names", json) }
        try requireCount(key, elements.count, count)
        return try elements.map { element in
            guard let name = element.stringValue else { throw wrongType(key, "a list of names", json) }
            try requireSupported(key, name, supported)
            return name
        }
    }

    /// Refuses the option unless it is absent, null or equal to `neutral`.
    mutating func requireNeutral(_ key: String, _ neutral: JSON) throws {
        guard let json = present(key) else { return }
        if let found = json.doubleValue, let expected = neutral.doubleValue, found == expected { return }
        guard json == neutral else {
            throw ConfigError.unsupported(
                file: file, key: key, found: json.serialized(pretty: false),
                supported: neutral.serialized(pretty: false))
        }
    }

    /// Marks options as known that do not change what is computed.
    mutating func ignore(_ keys: [String]) {
        for key in keys { unread.remove(ByteString(key)) }
    }

    /// Refuses the first option that nobody read.
    func finish() throws {
        if let key = object.members.map(\.key).first(where: unread.contains) {
            throw ConfigError.unknown(file: file, key: key.string)
        }
    }

    func wrongType(_ key: String, _ expected: String, _ found: JSON) -> ConfigError {
        .wrongType(
            file: file, key: key, expected: expected,
            found: String(found.serialized(pretty: false).prefix(60)))
    }

    private func requireCount(_ key: String, _ found: Int, _ expected: Int?) throws {
        guard let expected, found != expected else { return }
        throw ConfigError.contradiction(
            file: file, what: "\(quoted(key)) has \(found) elements where the other lists have \(expected)")
    }
}
