import SanaModel

/// Ordered rules that give each tensor a scheme.
public struct Policy: Sendable {
    /// One rule: the tensors it names, what they get, and why.
    public struct Rule: Sendable {
        public let globs: [Glob]
        public let scheme: Scheme
        /// Shown in the report beside each tensor that the rule kept.
        public let reason: String?
        /// Where the rule begins in the policy's text, from 1.
        public let line: Int
    }

    public let name: String
    public let rules: [Rule]
    /// The YAML that the policy was read from, which the pack carries.
    public let yaml: String
}

/// What a policy decided for one tensor.
public struct Assignment: Sendable {
    public let spec: TensorSpec
    public let scheme: Scheme
    public let reason: String?
}

extension Policy {
    /// Gives each tensor the scheme of the first rule that names it; a tensor that `keep` names gets `f16` whatever
    /// the rules say.
    ///
    /// Throws a `PolicyError` for a tensor that no rule names, for a scheme that the runtime has no arithmetic for,
    /// and for a `keep` that names no tensor.
    public func assign(_ specs: [TensorSpec], keep: [Glob] = []) throws(PolicyError) -> [Assignment] {
        for glob in keep where !specs.contains(where: { glob.matches($0.packName) }) {
            throw .keepNamesNothing(glob.pattern)
        }
        var assignments: [Assignment] = []
        assignments.reserveCapacity(specs.count)
        for spec in specs {
            assignments.append(try assign(spec, keep: keep))
        }
        return assignments
    }

    private func assign(_ spec: TensorSpec, keep: [Glob]) throws(PolicyError) -> Assignment {
        if let glob = keep.first(where: { $0.matches(spec.packName) }) {
            return Assignment(spec: spec, scheme: .f16, reason: "--keep \(glob)")
        }
        guard let rule = rules.first(where: { $0.globs.contains { $0.matches(spec.packName) } }) else {
            throw .noRule(policy: name, tensor: spec.packName)
        }
        guard spec.schemes.contains(rule.scheme) else {
            throw .noArithmetic(
                policy: name, line: rule.line, tensor: spec.packName, scheme: rule.scheme,
                possible: Scheme.allCases.filter(spec.schemes.contains))
        }
        return Assignment(spec: spec, scheme: rule.scheme, reason: rule.reason)
    }
}
