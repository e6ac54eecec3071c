/// Names of tensors that belong together, told from how they begin.
struct TensorNames: Sendable {
    let prefixes: [String]
    /// What such a name must not begin with.
    let others: [String]

    init(_ prefixes: [String], besides others: [String] = []) {
        (self.prefixes, self.others) = (prefixes, others)
    }

    func contains(_ name: some StringProtocol) -> Bool {
        prefixes.contains { name.hasPrefix($0) } && !others.contains { name.hasPrefix($0) }
    }
}
