import SanaEdge
import SanaModel

/// Runs a reference over prompts and measures what its layers read.
public struct Calibrator: Sendable {
    /// What a run measured.
    public struct Report: Sendable {
        public let path: String
        public let prompts: Int
        public let steps: Int
        /// Inputs that were measured.
        public let layers: Int
        public let bytes: Int
        public let seconds: Double

        /// The report as `calibrate --json` prints it.
        public var json: JSON {
            [
                "path": .string(path), "prompts": .integer(prompts), "steps": .integer(steps),
                "layers": .integer(layers), "bytes": .integer(bytes), "seconds": .number(seconds),
            ]
        }
    }

    /// The tool's name and version, which the calibration carries.
    public var tool: String
    /// The path of a pack of policy fp16.
    public var reference: String
    /// Where the calibration goes.
    public var output: String
    public var requests: [GenerationRequest]
    public var settings = GenerationSettings()
    public var threads = Compute.availableProcessors

    public init(tool: String, reference: String, output: String, requests: [GenerationRequest]) {
        self.tool = tool
        self.reference = reference
        self.output = output
        self.requests = requests
    }

    /// How many pictures `run` draws: those of the requests, and some of them again, small.
    public var pictureCount: Int { requests.count + RecordedPicture.count(of: requests) }

    /// Draws every request, both halves of guidance, all steps, and writes what was seen. The pictures are dropped, but
    /// for what the model gave for small ones.
    ///
    /// Throws a `Failure`.
    public func run(progress: (GenerationProgress) throws -> Void) throws -> Report {
        let start = ContinuousClock.now
        let pack = try PackReader(path: reference)
        try pack.requireReference()
        let recorder = ActivationRecorder(pack.configs)
        let compute = Compute(threads: threads, tier: try Tier.selected(), observer: recorder)
        let pipeline = try SanaPipeline(measuring: pack, compute: compute)
        let plan = try pipeline.plan(settings)
        try AtomicFile(target: output, overwrite: true).abandon()
        _ = try pipeline.generate(requests, plan: plan, progress: progress, deliver: { _, _ in })
        let pictures = try RecordedPicture.record(
            pack, requests, as: plan, on: Compute(threads: threads, tier: compute.tier), progress: progress)

        let file = file(recorder, pictures, pack, plan)
        try file.write(to: output)
        return Report(
            path: output, prompts: requests.count, steps: plan.steps, layers: recorder.layers.count,
            bytes: file.bytes.count, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    private func file(
        _ recorder: ActivationRecorder, _ pictures: [RecordedPicture], _ pack: PackReader,
        _ plan: GenerationPlan
    ) -> SafetensorsWriter {
        var file = SafetensorsWriter(metadata: metadata(pack, plan).map { ($0.rawValue, $1) })
        for layer in recorder.layers {
            guard let (absmax, moments, rows) = recorder.measurement(layer) else { continue }
            func name(_ part: CalibrationPart) -> String { "\(layer).\(part.rawValue)" }
            file.add(name(.absmax), shape: [absmax.count], absmax)
            file.add(name(.moments), shape: [moments.count], moments)
            guard !rows.isEmpty else { continue }
            file.add(
                name(.rows), .bf16, shape: [rows.count, absmax.count],
                bytes: littleEndianBytes(rows.flatMap { $0.map(roundedToBF16) }))
        }
        for (index, picture) in pictures.enumerated() {
            picture.add(to: &file, index: index, pack.configs)
        }
        return file
    }

    private func metadata(_ pack: PackReader, _ plan: GenerationPlan) -> [(CalibrationKey, String)] {
        var prompts = XXH64()
        for request in requests {
            prompts.update(request.prompt + [0] + request.negativePrompt + [0])
            prompts.update(Array("\(request.seed)\n".utf8))
        }
        return [
            (.format, CalibrationKey.formatName), (.tool, tool), (.model, pack.manifest.modelName),
            (.architecture, pack.configs.fingerprint),
            (.weights, pack.manifest.weightsHash),
            (.prompts, hexadecimal(prompts.finish())),
            (
                .settings,
                "\(requests.count) prompts, \(plan.drawnWidth) x \(plan.drawnHeight), \(plan.steps) steps, "
                    + "guidance \(plan.guidance)"
            ),
        ]
    }
}

extension Manifest {
    /// What tells weights apart: a hash over the checkpoint's files of weights and the adapters that were added.
    var weightsHash: String {
        let files = sources.filter { $0.path.hasSuffix(".safetensors") }
        let parts =
            files.map { "\($0.path) \(hexadecimal($0.hash))\n" }
            + adapters.map { "\($0.scale) \(hexadecimal($0.hash))\n" }
        return hexadecimal(XXH64.hash(Array(parts.joined().utf8)))
    }
}

extension PackReader {
    /// Refuses a pack whose layers compute in INT8, or whose activations are not the checkpoint's.
    public func requireReference() throws(CalibrationError) {
        if let tensor = tensors.first(where: { $0.scheme.isQuantized }) {
            throw .notReference(pack: path, tensor: tensor.name, scheme: tensor.scheme)
        }
        guard !manifest.isCalibrated else { throw .calibratedPack(pack: path) }
    }
}

/// The nearest, half to even; `value` is finite.
private func roundedToBF16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    // What would round to infinity stays the greatest number.
    return rounded & 0x7FFF == 0x7F80 ? rounded - 1 : rounded
}
