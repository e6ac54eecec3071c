#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How strongly the layers of an adapter count: PEFT's `LoraConfig`, from `adapter_config.json` or from the metadata
/// of a file that diffusers wrote.
struct LoRASettings {
    private let file: String
    private let rank: Int?
    private let alpha: Double?
    private let ranks: LayerPatterns
    private let alphas: LayerPatterns
    private let dividesByRoot: Bool

    /// No settings: alpha is each layer's rank.
    init(file: String) {
        self.file = file
        (rank, alpha, ranks, alphas, dividesByRoot) = (nil, nil, LayerPatterns(), LayerPatterns(), false)
    }

    /// - Throws: `LoRAError`.
    init(_ json: JSON, file: String) throws {
        self.file = file
        guard json.objectValue != nil else {
            throw LoRAError.setting(file: file, key: "", expected: "an object")
        }
        try Self.refuseOthers(json, file: file)
        func number(_ key: String) throws -> Double? {
            guard let value = json[key], !value.isNull else { return nil }
            guard let number = value.doubleValue, number.isFinite, number > 0 else {
                throw LoRAError.setting(file: file, key: key, expected: "a number above 0")
            }
            return number
        }
        rank = try number("r").map { Int(min($0, 1e9)) }
        alpha = try number("lora_alpha")
        ranks = try Self.patterns(json, "rank_pattern", file: file)
        alphas = try Self.patterns(json, "alpha_pattern", file: file)
        dividesByRoot = json["use_rslora"]?.boolValue == true
    }

    /// Refuses what would make more of an adapter than two factors a layer.
    private static func refuseOthers(_ json: JSON, file: String) throws(LoRAError) {
        func isSet(_ key: String) -> Bool {
            switch json[key] {
            case nil, .null?, .bool(false)?, .array([])?: false
            case .object(let object)?: !object.isEmpty
            default: true
            }
        }
        if let type = json["peft_type"]?.stringValue, type != "LORA" {
            throw .unsupported(file: file, what: "the adapter type \(quoted(type))")
        }
        if let bias = json["bias"]?.stringValue, bias != "none" {
            throw .unsupported(file: file, what: "trained biases, \"bias\": \(quoted(bias))")
        }
        let others = [
            ("use_dora", "DoRA"), ("use_qalora", "QALoRA"), ("lora_bias", "biases in the adapter's layers"),
            ("layer_replication", "replicated layers"), ("target_parameters", "targets that are no layers"),
            ("alora_invocation_tokens", "activated LoRA"), ("modules_to_save", "layers that are saved whole"),
        ]
        for (key, what) in others where isSet(key) {
            throw .unsupported(file: file, what: "\(what), \(quoted(key))")
        }
        // Such a start changes the layer's own weight too, which is not in the file.
        let starts = ["pissa", "olora", "corda", "loftq", "lora_ga", "mica"]
        if let start = json["init_lora_weights"]?.stringValue?.lowercased(),
            starts.contains(where: start.hasPrefix)
        {
            throw .unsupported(file: file, what: "a start that changes weights, \(quoted(start))")
        }
    }

    private static func patterns(
        _ json: JSON, _ key: String, file: String
    ) throws(LoRAError) -> LayerPatterns {
        var patterns = LayerPatterns()
        guard let value = json[key], !value.isNull else { return patterns }
        guard let members = value.objectValue?.members else {
            throw .setting(file: file, key: key, expected: "an object of numbers")
        }
        for member in members {
            guard let number = member.value.doubleValue, number.isFinite, number > 0 else {
                throw .setting(file: file, key: key, expected: "an object of numbers above 0")
            }
            guard let pattern = LayerPattern(member.key.string) else {
                throw .unsupported(
                    file: file, what: "the pattern \(quoted(member.key.string)) in \(quoted(key))")
            }
            patterns.add(pattern, number)
        }
        return patterns
    }

    /// What a layer's product is multiplied with.
    ///
    /// - Parameter alpha: the layer's own, where the file has one.
    /// - Throws: `LoRAError.rank` where the settings claim another rank.
    func scaling(layer: String, rank: Int, alpha own: Double?) throws(LoRAError) -> Double {
        let claimed = ranks.value(of: layer).map { Int(min($0, 1e9)) } ?? self.rank
        if let claimed, claimed != rank {
            throw .rank(file: file, layer: layer, expected: claimed, found: rank)
        }
        guard let alpha = own ?? alphas.value(of: layer) ?? self.alpha else { return 1 }
        return alpha / (dividesByRoot ? Double(rank).squareRoot() : Double(rank))
    }
}

/// Numbers for the layers that patterns match. Looked up, not tried one after the other: a file may hold many.
private struct LayerPatterns {
    private var numbers: [LayerPattern: (place: Int, value: Double)] = [:]

    mutating func add(_ pattern: LayerPattern, _ value: Double) {
        if numbers[pattern] == nil { numbers[pattern] = (numbers.count, value) }
    }

    /// The number of the first pattern that matches.
    func value(of layer: String) -> Double? {
        guard !numbers.isEmpty else { return nil }
        return LayerPattern.all(matching: layer).compactMap { numbers[$0] }.min { $0.place < $1.place }?.value
    }
}

/// A layer's name, or the end of it from a dot on, as PEFT's `rank_pattern` and `alpha_pattern` give them. They are
/// regular expressions there; of these, names with or without `^` and `$` are known.
private struct LayerPattern: Hashable {
    private let name: String
    private let isWhole: Bool

    init?(_ pattern: String) {
        var text = Substring(pattern)
        isWhole = text.hasPrefix("^")
        if isWhole { text = text.dropFirst() }
        if text.hasSuffix("$") { text = text.dropLast() }
        name = LoRATensorName.layerName(String(text.replacing("\\.", with: ".")))
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isName, !name.isEmpty else { return nil }
    }

    private init(name: String, isWhole: Bool) { (self.name, self.isWhole) = (name, isWhole) }

    /// The whole name, and every end of it from a dot on.
    static func all(matching layer: String) -> [LayerPattern] {
        let ends = layer.indices.filter { layer[$0] == "." }.map { String(layer[layer.index(after: $0)...]) }
        return [LayerPattern(name: layer, isWhole: true)]
            + ([layer] + ends).map { LayerPattern(name: $0, isWhole: false) }
    }
}
