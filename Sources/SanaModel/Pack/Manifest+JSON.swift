/// The ways in which a manifest can be wrong.
public enum ManifestFault: Error, Equatable {
    case missing(String)
    case wrongType(key: String, expected: String)
    case outOfRange(key: String, expected: String)
    case format(found: Int)
}

extension ManifestFault {
    var phrase: String {
        switch self {
        case .missing(let key): "\(quoted(key)) is missing"
        case .wrongType(let key, let expected): "\(quoted(key)) should be \(expected)"
        case .outOfRange(let key, let expected): "\(quoted(key)) is out of range, expected \(expected)"
        case .format(let found):
            "its format is \(found), and this version of sana-quant reads \(Manifest.format)"
        }
    }
}

extension Manifest {
    /// The version of the manifest's own format.
    static let format = 1

    public var json: JSON {
        var parts = JSONObject()
        for component in Component.allCases {
            parts[component.rawValue] = components[component]
        }
        var object: JSONObject = [
            "format": .integer(Self.format),
            "tool": .string(tool),
            "model": [
                "name": .string(modelName),
                "class": .string(modelClass),
                "licence": licence.map { .string($0) } ?? .null,
            ],
            "policy": ["name": .string(policy.name), "text": .string(policy.text)],
            "defaults": [
                "width": .integer(defaults.width),
                "height": .integer(defaults.height),
                "steps": .integer(defaults.steps),
                "guidance": .number(defaults.guidance),
                "seed": .integer(defaults.seed),
            ],
            "instruction": .bool(hasInstruction),
            "calibration": .bool(isCalibrated),
            "prefixTokens": .integer(prefixTokens),
            "components": .object(parts),
            "scheduler": scheduler,
            "sources": .array(
                sources.map { source in
                    [
                        "path": .string(source.path), "size": .integer(source.size),
                        "xxh64": .string(hexadecimal(source.hash)),
                    ]
                }),
        ]
        // Packs without them are the same as before there were any.
        if !adapters.isEmpty { object["adapters"] = .array(adapters.map(\.json)) }
        if !inputFactors.isEmpty { object["inputFactors"] = .array(inputFactors.map { .string($0) }) }
        return .object(object)
    }

    /// Reads what `json` gives. Keys that this version does not know are left alone.
    init(_ json: JSON) throws(ManifestFault) {
        let fields = ManifestFields(json: json, prefix: "")
        let format = try fields.integer("format", in: 0...Int.max)
        guard format == Self.format else { throw .format(found: format) }
        tool = try fields.string("tool")

        let model = try fields.object("model")
        modelName = try model.string("name")
        modelClass = try model.string("class")
        licence = try model.optionalString("licence")

        let policy = try fields.object("policy")
        self.policy = AppliedPolicy(name: try policy.string("name"), text: try policy.string("text"))

        let defaults = try fields.object("defaults")
        self.defaults = Defaults(
            width: try defaults.integer("width", in: 1...16384),
            height: try defaults.integer("height", in: 1...16384),
            steps: try defaults.integer("steps", in: 1...1000),
            guidance: try defaults.number("guidance", in: 0...1000),
            seed: try defaults.integer("seed", in: 0...Int.max))
        hasInstruction = try fields.flag("instruction")
        isCalibrated = try fields.flag("calibration")
        // Packs of the first version have none.
        prefixTokens = json["prefixTokens"] == nil ? 0 : try fields.integer("prefixTokens", in: 0...1 << 20)

        let parts = try fields.object("components")
        components = [:]
        for component in Component.allCases {
            components[component] = try parts.object(component.rawValue).json
        }
        scheduler = try fields.object("scheduler").json
        inputFactors = try fields.optionalStrings("inputFactors")
        sources = []
        for source in try fields.objects("sources") {
            let hash = try source.hash("xxh64")
            sources.append(
                Source(
                    path: try source.string("path"), size: try source.integer("size", in: 0...Int.max),
                    hash: hash))
        }
        guard json["adapters"] != nil else { return }
        for adapter in try fields.objects("adapters") {
            adapters.append(
                Adapter(
                    name: try adapter.string("name"), scale: try adapter.number("scale", in: -1000...1000),
                    layers: try adapter.integer("layers", in: 0...Int.max),
                    size: try adapter.integer("size", in: 0...Int.max), hash: try adapter.hash("xxh64")))
        }
    }
}

extension Manifest.Adapter {
    public var json: JSON {
        [
            "name": .string(name), "scale": .number(scale), "layers": .integer(layers),
            "size": .integer(size),
            "xxh64": .string(hexadecimal(hash)),
        ]
    }
}

/// Sixteen digits.
package func hexadecimal(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The members of one object of a manifest.
private struct ManifestFields {
    let json: JSON
    /// What goes before a key in errors.
    let prefix: String

    private func value(_ key: String) throws(ManifestFault) -> JSON {
        guard let value = json[key] else { throw .missing(prefix + key) }
        return value
    }

    func string(_ key: String) throws(ManifestFault) -> String {
        guard let text = try value(key).stringValue else {
            throw .wrongType(key: prefix + key, expected: "a string")
        }
        return text
    }

    func optionalString(_ key: String) throws(ManifestFault) -> String? {
        guard let value = json[key], !value.isNull else { return nil }
        return try string(key)
    }

    /// None where the key is missing.
    func optionalStrings(_ key: String) throws(ManifestFault) -> [String] {
        guard let value = json[key] else { return [] }
        let strings = value.arrayValue?.compactMap(\.stringValue)
        guard let strings, strings.count == value.arrayValue?.count else {
            throw .wrongType(key: prefix + key, expected: "a list of strings")
        }
        return strings
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ManifestFault) -> Int {
        guard let number = try value(key).intValue else {
            throw .wrongType(key: prefix + key, expected: "an integer")
        }
        guard range.contains(number) else {
            throw .outOfRange(key: prefix + key, expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(ManifestFault) -> Double {
        guard let number = try value(key).doubleValue else {
            throw .wrongType(key: prefix + key, expected: "a number")
        }
        guard range.contains(number) else {
            throw .outOfRange(key: prefix + key, expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func hash(_ key: String) throws(ManifestFault) -> UInt64 {
        guard let hash = UInt64(try string(key), radix: 16) else {
            throw .wrongType(key: prefix + key, expected: "16 hexadecimal digits")
        }
        return hash
    }

    func flag(_ key: String) throws(ManifestFault) -> Bool {
        guard let flag = try value(key).boolValue else {
            throw .wrongType(key: prefix + key, expected: "true or false")
        }
        return flag
    }

    func object(_ key: String) throws(ManifestFault) -> ManifestFields {
        let object = try value(key)
        guard object.objectValue != nil else { throw .wrongType(key: prefix + key, expected: "an object") }
        return ManifestFields(json: object, prefix: "\(prefix)\(key).")
    }

    func objects(_ key: String) throws(ManifestFault) -> [ManifestFields] {
        guard let list = try value(key).arrayValue else {
            throw .wrongType(key: prefix + key, expected: "a list")
        }
        return list.enumerated().map { ManifestFields(json: $1, prefix: "\(prefix)\(key)[\($0)].") }
    }
}
