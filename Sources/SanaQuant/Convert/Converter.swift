import SanaEdge
import SanaModel

/// Turns a checkpoint into a pack.
public struct Converter: Sendable {
    /// What a conversion is doing, for progress.
    public enum Stage: Sendable {
        /// Reads F32 tensors that are to become F16, where there are any.
        case measuring
        /// Tries what a calibration offers; counts weights, not bytes.
        case calibrating
        /// Converts components for a trial, with the calibration and without it.
        case judging
        case converting
        case hashing
        /// Runs the text encoder on the instruction, where there is one; counts its layers.
        case encoding
    }

    /// The tool's name and version, which the pack carries.
    public var tool: String
    /// The checkpoint's folder.
    public var checkpoint: String
    /// Where the pack goes.
    public var output: String
    /// The name of a preset, or the path of a policy file.
    public var policy = Preset.edge.rawValue
    /// Patterns of tensors that stay at 16 bits whatever the policy says.
    public var keep: [String] = []
    /// LoRA adapters that are added to the transformer before it is quantized: `FILE` or `FILE:SCALE`.
    public var adapters: [String] = []
    /// The path of a JSON list of lines that go before every prompt.
    public var instruction: String?
    /// The path of what `Calibrator` measured on the same architecture.
    public var calibration: String?
    public var overwrite = false
    public var threads = Compute.availableProcessors

    public init(tool: String, checkpoint: String, output: String) {
        self.tool = tool
        self.checkpoint = checkpoint
        self.output = output
    }

    /// Reads the checkpoint, writes the pack and tells what it did. The same input makes the same bytes.
    ///
    /// `progress` takes the bytes of the stage that are done and all its bytes. It may be called from several
    /// threads, one at a time, and may throw to stop; nothing is left behind then.
    ///
    /// Throws a `Failure`.
    public func run(
        progress: @escaping @Sendable (Stage, Int, Int) throws -> Void
    ) throws -> ConversionReport {
        let start = ContinuousClock.now
        let compute = Compute(threads: threads, tier: try Tier.selected())

        // What there is.
        let policy = try Policy(nameOrPath: policy)
        let keep = try keep.map(Glob.init(keeping:))
        let instruction = try instruction.map(InstructionFile.init)
        let adapters = try Adapters(adapters)
        let folder = try CheckpointFolder(path: checkpoint)
        let configs = try ModelConfigs(folder)
        let tables = try folder.tokenizerTables()
        try configs.check(tables, file: quoted("\(checkpoint)/tokenizer"))
        let tokenizer = Tokenizer(tables)
        try instruction?.check(tokenizer)
        let licence = try folder.licence() ?? ""
        let weights = try CheckpointWeights(folder)
        let sources = SourceFiles(folder, weights)
        try OutputCheck.check(
            output, inputs: sources.paths + adapters.paths + inputFiles, checkpoint: checkpoint)
        // A folder that is missing or may not be written shows before the work.
        try AtomicFile(target: output, overwrite: overwrite).abandon()

        // What becomes of it.
        try adapters.check(configs.tensors)
        let assignments = try policy.assign(configs.tensors, keep: keep)
        try weights.refuseUnexpected(besides: configs.tensors)
        var plans = try weights.plan(assignments, updates: adapters.updates, on: compute) {
            try progress(.measuring, $0, $1)
        }
        let hashes = try sources.hashes(on: compute) { try progress(.hashing, $0, $1) }
        var manifest = try Manifest(
            tool: tool, folder, configs, policy, sources: hashes, licence: licence,
            hasInstruction: instruction != nil)
        manifest.adapters = try adapters.manifestEntries()
        let judged = try calibration.map { path in
            try JudgedCalibration(
                plans, configs, Calibration(path: path, of: configs), manifest, target: output,
                overwrite: overwrite, on: compute, progress: progress)
        }
        if let judged {
            plans = judged.plans
            (manifest.isCalibrated, manifest.inputFactors) = (judged.isChanged, judged.inputFactors)
        }

        let pack = try PackAssembly(target: output, overwrite: overwrite, plans: plans)
        try TensorConversion(plans).run(on: compute, into: pack) { try progress(.converting, $0, $1) }
        let prefix = try encodedPrefix(pack, manifest, tokenizer, instruction, on: compute) {
            try progress(.encoding, $0, $1)
        }
        manifest.prefixTokens = prefix?.tokens ?? 0
        let size = try pack.finish(
            manifest, tokenizer: tables.encoded(), instruction: instruction?.text ?? "",
            prefix: prefix?.bytes ?? [],
            licence: licence)
        return ConversionReport(
            path: output, policy: policy.name, tensors: pack.reports, bytesAfter: size,
            seconds: (ContinuousClock.now - start) / .seconds(1), hasInstruction: instruction != nil,
            adapters: manifest.adapters, calibration: judged?.report)
    }

    /// What the pack's own text encoder makes of the tokens that all prompts begin with; nil where there are none.
    private func encodedPrefix(
        _ pack: PackAssembly, _ manifest: Manifest, _ tokenizer: Tokenizer, _ instruction: InstructionFile?,
        on compute: Compute, progress: (Int, Int) throws -> Void
    ) throws -> (tokens: Int, bytes: [UInt8])? {
        guard let instruction else { return nil }
        let reader = try pack.reader(manifest)
        return try PromptPrefix.encoded(
            reader, instruction: Array(instruction.text.utf8), tokenizer: tokenizer, on: compute
        ) { try progress($0, reader.configs.textEncoder.layers) }
    }

    /// The files besides the checkpoint that are read.
    private var inputFiles: [String] {
        [Preset(rawValue: policy) == nil ? policy : nil, instruction, calibration].compactMap(\.self)
    }
}
