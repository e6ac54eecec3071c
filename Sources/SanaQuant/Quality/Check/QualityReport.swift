import SanaModel

/// How near a candidate comes to its reference.
public struct QualityReport: Sendable {
    /// What was compared, and on what machine.
    public struct About: Sendable {
        public let candidate: JSON
        public let reference: JSON
        public let clip: JSON
        public let settings: JSON
        public let machine: JSON

        package init(candidate: JSON, reference: JSON, clip: JSON, settings: JSON, machine: JSON) {
            self.candidate = candidate
            self.reference = reference
            self.clip = clip
            self.settings = settings
            self.machine = machine
        }
    }

    public let about: About
    /// In the order of the prompts.
    public let results: [QualityResult]
    /// nil where there are no results, in a shard that has no prompts.
    public let summary: FigureSummary?
    public let gates: [GateOutcome]

    public init(_ results: [QualityResult], about: About, gates: QualityGates) {
        self.about = about
        self.results = results.sorted { $0.index < $1.index }
        let summary = results.isEmpty ? nil : FigureSummary(self.results.map(\.figures))
        self.summary = summary
        self.gates = summary.map { gates.outcomes(results, $0) } ?? []
    }

    public var isPassed: Bool { gates.allSatisfy(\.isPassed) }

    /// - Throws: `GateFailure` where a gate was not met.
    public func requirePassed() throws(GateFailure) {
        if !isPassed { throw GateFailure(outcomes: gates.filter { !$0.isPassed }) }
    }

    public var json: JSON { json { _ in nil } }

    /// - Parameter pictures: what is said of a prompt's pictures.
    func json(pictures: (Int) -> JSON?) -> JSON {
        var object = JSONObject()
        object["prompts"] = .array(
            results.map { result in
                guard case .object(var entry) = result.json else { return .null }
                if let pictures = pictures(result.index) { entry["pictures"] = pictures }
                return .object(entry)
            })
        if let summary {
            object["mean"] = summary.mean.json
            object["interval"] = .object(
                Figure.allCases.reduce(into: JSONObject()) { object, figure in
                    object[figure.rawValue] = [.number(summary.low[figure]), .number(summary.high[figure])]
                })
            object["percentile5"] = summary.percentile5.json
            guard case .object(var worst) = summary.worst.json else { return .null }
            if let prompt = results.worst(.similarity) {
                worst["prompt"] = .string(prompt.prompt.string)
                worst["seed"] = .integer(prompt.prompt.seed)
                worst["index"] = .integer(prompt.index)
            }
            object["worst"] = .object(worst)
        }
        object["gates"] = .array(gates.map(\.json))
        object["passed"] = .bool(isPassed)
        for member in about.json.objectValue?.members ?? [] { object[member.key] = member.value }
        return .object(object)
    }
}

extension QualityReport.About {
    init(_ json: JSON) {
        func member(_ key: String) -> JSON { json[key] ?? .null }
        self.init(
            candidate: member("candidate"), reference: member("reference"), clip: member("clip"),
            settings: member("settings"), machine: member("machine"))
    }

    var json: JSON {
        [
            "candidate": candidate, "reference": reference, "clip": clip, "settings": settings,
            "machine": machine,
        ]
    }
}

extension Figures {
    var json: JSON {
        .object(
            Figure.allCases.reduce(into: JSONObject()) { object, figure in
                object[figure.rawValue] = .number(self[figure])
            })
    }
}

extension GateOutcome {
    var json: JSON {
        [
            "option": .string(option), "figure": .string(figure.rawValue), "of": .string(kind),
            "value": .number(value), "limit": .number(limit), "passed": .bool(isPassed),
            "worstPrompt": .string(worst.prompt.string), "worstSeed": .integer(worst.prompt.seed),
        ]
    }
}
