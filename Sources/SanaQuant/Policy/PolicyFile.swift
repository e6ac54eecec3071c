import SanaModel
import Yams

extension Policy {
    /// The most bytes that a policy may have.
    private static let sizeLimit = 1 << 18

    /// The policy of that name, or else the file at that path.
    ///
    /// Throws a `PolicyError` or a `FileError`.
    public init(nameOrPath: String) throws {
        if let preset = Preset(rawValue: nameOrPath) {
            try self.init(yaml: preset.yaml, file: nameOrPath)
            return
        }
        guard somethingExists(at: nameOrPath) else { throw PolicyError.neitherPresetNorFile(nameOrPath) }
        let bytes = try readWholeFile(nameOrPath, limit: Self.sizeLimit)
        guard let yaml = String(validating: bytes, as: UTF8.self) else {
            throw PolicyError.notText(file: nameOrPath)
        }
        try self.init(yaml: yaml, file: nameOrPath)
    }

    /// Reads a policy's YAML; `file` names it in errors and, where it has no `name` of its own, in reports.
    public init(yaml: String, file: String) throws(PolicyError) {
        let document = try PolicyDocument(yaml: yaml, file: file)
        let fields = try document.mapping(
            document.root, what: "the policy", keys: ["name", "description", "rules"])
        self.name =
            try fields["name"].map { node throws(PolicyError) in try document.string(node, what: "name") }
            ?? file
        if let description = fields["description"] {
            _ = try document.string(description, what: "description")
        }
        guard let list = fields["rules"] else { throw .noRules(file: file) }
        let nodes = try document.sequence(list, what: "rules")
        var rules: [Rule] = []
        for node in nodes {
            rules.append(try document.rule(node))
        }
        guard !rules.isEmpty else { throw .noRules(file: file) }
        self.rules = rules
        self.yaml = yaml
    }
}

/// A policy's YAML as a tree whose nodes know their lines.
private struct PolicyDocument {
    let file: String
    let root: Node

    init(yaml: String, file: String) throws(PolicyError) {
        self.file = file
        if let line = Self.firstAnchor(yaml) {
            throw .anchor(file: file, line: line)
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            let (line, problem) = Self.explain(error)
            throw .notYAML(file: file, line: line, problem: problem)
        } catch {
            throw .notYAML(file: file, line: nil, problem: "\(error)")
        }
        guard let root else { throw .noRules(file: file) }
        self.root = root
    }

    func rule(_ node: Node) throws(PolicyError) -> Policy.Rule {
        let fields = try mapping(node, what: "a rule", keys: ["match", "scheme", "reason"])
        guard let match = fields["match"] else {
            throw .missingKey("match", what: "a rule", file: file, line: line(node))
        }
        guard let schemeNode = fields["scheme"] else {
            throw .missingKey("scheme", what: "a rule", file: file, line: line(node))
        }
        let patterns: [Node]
        if case .sequence(let list) = match { patterns = Array(list) } else { patterns = [match] }
        var globs: [Glob] = []
        for pattern in patterns {
            let text = try string(pattern, what: "match")
            guard let glob = Glob(text) else { throw .badGlob(text, file: file, line: line(pattern)) }
            globs.append(glob)
        }
        guard !globs.isEmpty else {
            throw .notA("a pattern or a list of patterns", what: "match", file: file, line: line(match))
        }
        let schemeName = try string(schemeNode, what: "scheme")
        guard let scheme = Scheme(name: schemeName) else {
            throw .unknownScheme(schemeName, file: file, line: line(schemeNode))
        }
        let reason = try fields["reason"].map { node throws(PolicyError) in try string(node, what: "reason") }
        return Policy.Rule(globs: globs, scheme: scheme, reason: reason, line: line(node))
    }

    func mapping(_ node: Node, what: String, keys: [String]) throws(PolicyError) -> [String: Node] {
        guard case .mapping(let mapping) = node else {
            throw .notA(
                "a mapping with \(keys.joined(separator: ", "))", what: what, file: file, line: line(node))
        }
        var fields: [String: Node] = [:]
        for (key, value) in mapping {
            let name = try string(key, what: "a key")
            guard keys.contains(name) else {
                throw .unknownKey(name, known: keys, file: file, line: line(key))
            }
            fields[name] = value
        }
        return fields
    }

    func sequence(_ node: Node, what: String) throws(PolicyError) -> [Node] {
        guard case .sequence(let sequence) = node else {
            throw .notA("a list", what: what, file: file, line: line(node))
        }
        return Array(sequence)
    }

    func string(_ node: Node, what: String) throws(PolicyError) -> String {
        guard case .scalar(let scalar) = node else {
            throw .notA("a text", what: what, file: file, line: line(node))
        }
        return scalar.string
    }

    private func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

    /// The line of the first anchor. Anchors nest into trees that grow exponentially, and no policy needs one.
    private static func firstAnchor(_ yaml: String) -> Int? {
        var line = 1
        var previous = UInt8(ascii: "\n")
        var inComment = false
        for byte in yaml.utf8 {
            if byte == UInt8(ascii: "\n") {
                line += 1
                inComment = false
            } else if byte == UInt8(ascii: "#"), isBlank(previous) {
                inComment = true
            } else if previous == UInt8(ascii: "&"), !inComment, !isBlank(byte) {
                return line
            }
            previous = byte
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }

    private static func explain(_ error: YamlError) -> (line: Int?, problem: String) {
        switch error {
        // An unquoted pattern that begins with a star is an alias to YAML.
        case .scanner(let context, _, let mark, _) where context?.text.contains("alias") == true:
            (mark.line, "a pattern that begins with * must stand in quotes")
        case .composer(_, let problem, let mark, _) where problem.contains("alias"):
            (mark.line, "a pattern that begins with * must stand in quotes")
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .reader(let problem, _, _, _): (nil, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            (context.mark.line, "the key \(quoted(keys.sorted().first ?? "")) appears twice")
        default: (nil, "it cannot be read")
        }
    }
}
