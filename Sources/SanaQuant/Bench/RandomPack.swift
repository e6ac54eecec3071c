import SanaEdge
import SanaModel

/// One component of a preset with random weights, in a pack that lives in memory.
struct RandomPack: Sendable {
    private let file: MemoryFile
    private let component: Component

    /// Gives the weights the schemes of a policy and writes them as a conversion does.
    ///
    /// `progress` takes the bytes that are done and all bytes, and may throw to stop.
    init(
        _ preset: ModelPreset, _ component: Component, _ policy: Policy, on compute: Compute,
        progress: @Sendable (Int, Int) throws -> Void
    ) throws {
        let specs = try ModelConfigs(preset).tensors.filter { $0.component == component }
        let plans = try policy.assign(specs).enumerated().map { index, assignment in
            let source = RandomTensor(
                assignment.spec, type: preset.elementType(component), index: index)
            return TensorPlan(assignment, source, fitsF16: true)
        }
        file = try MemoryFile()
        self.component = component
        let pack = try PackAssembly(file, plans: plans)
        try TensorConversion(plans).run(on: compute, into: pack, progress: progress)
        let manifest = Manifest(
            tool: "", modelName: preset.rawValue, modelClass: "", licence: nil,
            policy: .init(name: policy.name, text: policy.yaml), components: preset.configurations,
            scheduler: preset.scheduler,
            defaults: .init(width: 1024, height: 1024, steps: 20, guidance: 4.5, seed: 0), sources: [],
            hasInstruction: false, isCalibrated: false)
        _ = try pack.finish(manifest, tokenizer: [], instruction: "", licence: "")
    }

    /// Opens the pack, as every run begins.
    func loader(_ compute: Compute) throws -> WeightLoader {
        WeightLoader(
            pack: try PackReader(path: file.path, components: [component]), compute: compute,
            component: component)
    }
}
