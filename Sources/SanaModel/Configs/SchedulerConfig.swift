/// The sampler, by diffusers' class.
public enum SchedulerConfig: Sendable, Equatable {
    case flowSolver(FlowSolverConfig)
    case flowEuler(FlowEulerConfig)
    case consistency(ConsistencyConfig)

    /// The classes that this project runs. The first is what a configuration without a name means.
    static let classes = ["DPMSolverMultistepScheduler", "FlowMatchEulerDiscreteScheduler", "SCMScheduler"]

    public init(json: JSON, file: String) throws {
        var fields = try ConfigFields(json, file: file)
        let name = try fields.name("_class_name", default: Self.classes[0], supported: Self.classes)
        fields.ignore(["_diffusers_version", "_name_or_path"])
        switch name {
        case Self.classes[1]: self = .flowEuler(try FlowEulerConfig(&fields))
        case Self.classes[2]: self = .consistency(try ConsistencyConfig(&fields))
        default: self = .flowSolver(try FlowSolverConfig(&fields))
        }
        try fields.finish()
    }

    /// The class's name in diffusers.
    public var className: String {
        switch self {
        case .flowSolver: Self.classes[0]
        case .flowEuler: Self.classes[1]
        case .consistency: Self.classes[2]
        }
    }

    /// The most steps that it takes; nil where there is no limit.
    public var stepLimit: Int? {
        if case .consistency(let config) = self { min(config.trainTimesteps, 1000) } else { nil }
    }

    /// Whether it samples a model that was distilled to a few steps: Sana-Sprint.
    public var isFewStep: Bool {
        if case .consistency = self { true } else { false }
    }
}
