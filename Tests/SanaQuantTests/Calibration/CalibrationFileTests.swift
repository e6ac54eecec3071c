import SanaEdge
import SanaModel
import SanaQuant
import Testing

/// Files that are no calibration of the checkpoint.
@Suite struct CalibrationFileTests {
    private let folder: TemporaryFolder
    private let original: CalibrationFile

    init() throws {
        folder = try TemporaryFolder()
        original = try CalibrationFile.reference.get()
    }

    private func error(_ change: (inout CalibrationFile) -> Void) throws -> CalibrationError? {
        var file = original
        change(&file)
        try file.write(to: folder.path("c.safetensors"))
        var converter = Converter(
            tool: "test", checkpoint: CheckpointCopy.original, output: folder.path("pack.sanaq"))
        converter.calibration = folder.path("c.safetensors")
        converter.threads = 2
        do {
            _ = try converter.run { _, _, _ in }
            return nil
        } catch {
            #expect(try folder.names == ["c.safetensors"])
            return try #require(error as? CalibrationError)
        }
    }

    private static let layer = "transformer.transformer_blocks.0.attn1.to_q"

    private func tensor(_ type: String, _ shape: [Int], _ value: Float) -> Safetensors.Tensor {
        var tensor = Safetensors.Tensor(type: type, shape: shape, bytes: [])
        tensor.values = [Float](repeating: value, count: shape.reduce(1, *))
        return tensor
    }

    @Test func oneWithoutLayersIsAccepted() throws {
        let found = try error { file in
            file.tensors = file.tensors.filter { $0.key.hasPrefix("picture.") }
        }
        #expect(found == nil)
    }

    @Test func anotherArchitectureIsRefused() throws {
        let error = try error { $0.metadata["architecture"] = "0123456789abcdef" }
        #expect(error == .otherArchitecture(file: folder.path("c.safetensors"), model: "reference-model"))
        #expect(error?.exitCode == .badInput)
    }

    @Test(arguments: [nil, "sana-quant calibration 1"])
    func anotherFileIsRefused(format: String?) throws {
        #expect(
            try error { $0.metadata["format"] = format }
                == .notCalibration(file: folder.path("c.safetensors"))
        )
    }

    @Test(arguments: [
        "x.absmax", layer, "\(layer).none", "vae.decoder.norm_out.absmax", "picture.", "picture.0.absmax",
        "picture.2.guidance",
    ])
    func whatBelongsToNoLayerIsRefused(name: String) throws {
        #expect(
            try error { $0.tensors[name] = tensor("F32", [4], 1) }
                == .unexpected(file: folder.path("c.safetensors"), tensor: name))
    }

    @Test(arguments: [
        ("absmax", "F32", [225]), ("moments", "F32", [1, 224]), ("absmax", "BF16", [224]),
        ("rows", "F32", [4, 224]),
        ("rows", "BF16", [129, 224]), ("rows", "BF16", [224]), ("rows", "BF16", [0, 224]),
    ])
    func anotherShapeIsRefused(part: String, type: String, shape: [Int]) throws {
        let found = try error { $0.tensors["\(Self.layer).\(part)"] = tensor(type, shape, 1) }
        guard case .shape = found else {
            Issue.record("found \(String(describing: found))")
            return
        }
    }

    @Test(arguments: [Float.nan, .infinity, -1])
    func numbersThatNoMeasurementGivesAreRefused(value: Float) throws {
        let found = try error { file in
            file.tensors["\(Self.layer).absmax"] = tensor("F32", [224], 1)
            file.tensors["\(Self.layer).moments"] = tensor("F32", [224], value)
        }
        #expect(
            found == .values(file: folder.path("c.safetensors"), tensor: "\(Self.layer).moments"))
    }

    // MARK: What the reference gave

    @Test(arguments: [
        "guidance", "latents", "pixels", "passes.latents", "passes.timesteps", "passes.velocities.0",
        "passes.velocities.1", "prompts.0.tokens", "prompts.0.states", "prompts.1.states",
    ])
    func whatIsMissingOfAPictureIsNamed(part: String) throws {
        let name = "picture.0.\(part)"
        #expect(
            try error { $0.tensors[name] = nil } == .missing(file: folder.path("c.safetensors"), tensor: name)
        )
    }

    @Test(arguments: [
        ("guidance", [2]), ("latents", [32, 16]), ("latents", [16, 8, 8]), ("latents", [32, 1000, 16]),
        ("pixels", [512, 512, 4]), ("passes.timesteps", [0]), ("passes.timesteps", [5]),
        ("passes.latents", [4, 32, 8, 8]), ("passes.velocities.0", [3, 32, 16, 16]),
        ("prompts.0.tokens", [5000]), ("prompts.0.states", [1, 3]), ("prompts.0.states", [4000, 256]),
    ])
    func aPartOfAPictureInAnotherShapeIsRefused(part: String, shape: [Int]) throws {
        let found = try error { $0.tensors["picture.0.\(part)"] = tensor("F32", shape, 1) }
        guard case .shape = found else {
            Issue.record("found \(String(describing: found))")
            return
        }
    }

    @Test(
        arguments: [
            ("prompts.0.tokens", -1), ("prompts.0.tokens", 0.5), ("prompts.0.tokens", 1e9), ("latents", .nan),
            ("passes.timesteps", .infinity), ("guidance", .nan),
        ] as [(String, Float)])
    func numbersThatNoPictureHasAreRefused(part: String, value: Float) throws {
        let name = "picture.0.\(part)"
        let found = try error { $0.tensors[name]?.values[0] = value }
        #expect(found == .values(file: folder.path("c.safetensors"), tensor: name))
    }
}
