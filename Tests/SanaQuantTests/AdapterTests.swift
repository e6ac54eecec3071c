import SanaModel
import SanaQuant
import TestSupport
import Testing

/// Adapters that do not fit are refused by name, before anything is written.
@Suite struct AdapterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// A part of the message.
        let message: String
        let tensors: [(String, [Int])]
        var settings: String?
        var value: Float = 0.5
    }

    static let query = "transformer.transformer_blocks.0.attn1.to_q"
    static let fitting = [("\(query).lora_A.weight", [2, 224]), ("\(query).lora_B.weight", [224, 2])]
    static let cases = [
        Case(
            testDescription: "unknown layer", message: "transformer_blocks.99.attn1.to_q",
            tensors: [
                ("transformer_blocks.99.attn1.to_q.lora_A.weight", [2, 224]),
                ("transformer_blocks.99.attn1.to_q.lora_B.weight", [224, 2]),
            ]),
        Case(
            testDescription: "other inputs", message: "has shape [2, 225], expected [2, 224]",
            tensors: [("\(query).lora_A.weight", [2, 225]), ("\(query).lora_B.weight", [224, 2])]),
        Case(
            testDescription: "other rank", message: "has shape [224, 3], expected [224, 2]",
            tensors: [("\(query).lora_A.weight", [2, 224]), ("\(query).lora_B.weight", [224, 3])]),
        Case(
            testDescription: "no lora_B", message: "no lora_B",
            tensors: [("\(query).lora_A.weight", [2, 224])]),
        Case(
            testDescription: "no lora_A", message: "no lora_A",
            tensors: [("\(query).lora_B.weight", [224, 2])]),
        Case(
            testDescription: "DoRA", message: "DoRA",
            tensors: fitting + [("\(query).lora_magnitude_vector", [224])]),
        Case(
            testDescription: "bias", message: "lora_B.bias",
            tensors: fitting + [("\(query).lora_B.bias", [224])]),
        Case(
            testDescription: "another kind of adapter", message: "lokr_w1",
            tensors: fitting + [("\(query).lokr_w1", [2, 2])]),
        Case(
            testDescription: "two names of one layer", message: "two updates",
            tensors: fitting + [
                ("base_model.model.transformer_blocks.0.attn1.to_q.lora_A.weight", [2, 224])
            ]),
        Case(
            testDescription: "depthwise convolution", message: "1x1 convolution",
            tensors: [
                ("transformer.transformer_blocks.0.ff.conv_depth.lora_A.weight", [2, 1, 3, 3]),
                ("transformer.transformer_blocks.0.ff.conv_depth.lora_B.weight", [1120, 2, 1, 1]),
            ]),
        Case(
            testDescription: "flat factors for a convolution", message: "expected [2, 224, 1, 1]",
            tensors: [
                ("transformer.transformer_blocks.0.ff.conv_inverted.lora_A.weight", [2, 224]),
                ("transformer.transformer_blocks.0.ff.conv_inverted.lora_B.weight", [1120, 2]),
            ]),
        Case(
            testDescription: "text encoder", message: "text_encoder.layers.0",
            tensors: [
                ("text_encoder.layers.0.self_attn.q_proj.lora_A.weight", [2, 256]),
                ("text_encoder.layers.0.self_attn.q_proj.lora_B.weight", [256, 2]),
            ]),
        Case(
            testDescription: "rank 0", message: "[rank, inputs]",
            tensors: [
                ("\(query).lora_A.weight", [0, 224]), ("\(query).lora_B.weight", [224, 0]),
            ]),
        Case(testDescription: "nothing", message: "no low-rank update", tensors: []),
        Case(testDescription: "NaN", message: "NaN or infinite", tensors: fitting, value: .nan),
        Case(testDescription: "too large", message: "too large", tensors: fitting, value: 300),
        Case(
            testDescription: "rank of the settings", message: "rank 2", tensors: fitting,
            settings: #"{"r": 4, "lora_alpha": 4}"#),
        Case(
            testDescription: "DoRA in the settings", message: "DoRA", tensors: fitting,
            settings: #"{"r": 2, "use_dora": true}"#),
        Case(
            testDescription: "biases in the settings", message: "biases", tensors: fitting,
            settings: #"{"r": 2, "bias": "all"}"#),
        Case(
            testDescription: "type in the settings", message: "LOKR", tensors: fitting,
            settings: #"{"peft_type": "LOKR", "r": 2}"#),
        Case(
            testDescription: "alpha that is no number", message: "lora_alpha", tensors: fitting,
            settings: #"{"r": 2, "lora_alpha": "x"}"#),
        Case(
            testDescription: "pattern that is no name", message: "to_[qk]", tensors: fitting,
            settings: #"{"r": 2, "rank_pattern": {"to_[qk]": 2}}"#),
        Case(
            testDescription: "settings that are no object", message: "an object", tensors: fitting,
            settings: "[]"),
    ]

    private func forged(_ tensors: [(String, [Int])], _ value: Float) -> Safetensors {
        var file = Safetensors()
        for (name, shape) in tensors {
            var tensor = Safetensors.Tensor(type: "F32", shape: shape, bytes: [])
            tensor.values = Array(repeating: value, count: shape.reduce(1, *))
            file.tensors[name] = tensor
        }
        return file
    }

    @Test(arguments: cases) func anAdapterThatDoesNotFitIsRefusedByName(_ example: Case) throws {
        var conversion = try Conversion(CheckpointCopy.original, "fp16")
        let folder = try TemporaryFolder()
        let path = try folder.write(
            forged(example.tensors, example.value).encoded(), to: "adapter.safetensors")
        if let settings = example.settings { _ = try folder.write(settings.utf8, to: "adapter_config.json") }
        conversion.converter.adapters = [path]
        let error = #expect(throws: (any Error).self) { try conversion.run() } as? any Failure
        #expect(error?.exitCode == .badInput)
        #expect(error?.description.contains(example.message) == true, "\(error?.description ?? "")")
        #expect(try conversion.folder.names == [])
    }

    @Test(arguments: [
        ("missing.safetensors", ExitCode.missingInput), ("missing.safetensors:0.5", .missingInput),
        ("empty", .missingInput), ("adapter.safetensors:x", .usage), ("adapter.safetensors:", .usage),
        ("adapter.safetensors:nan", .usage), ("adapter.safetensors:1e9", .usage),
    ])
    func aMissingFileAndABadScaleHaveTheirCodes(option: String, code: ExitCode) throws {
        var conversion = try Conversion(CheckpointCopy.original, "fp16")
        let folder = try TemporaryFolder()
        _ = try folder.write(forged(Self.fitting, 0.5).encoded(), to: "adapter.safetensors")
        let empty = try TemporaryFolder()
        conversion.converter.adapters = [option == "empty" ? empty.path : folder.path(option)]
        let error = #expect(throws: (any Error).self) { try conversion.run() } as? any Failure
        #expect(error?.exitCode == code, "\(error?.description ?? "")")
        #expect(try conversion.folder.names == [])
    }

    /// Alpha from a tensor, from the settings for this layer, for all layers, and none at all.
    @Test(
        arguments: [
            (nil, nil, 1.0), (4, nil, 2.0), (nil, #"{"r": 2, "lora_alpha": 6}"#, 3.0),
            (nil, #"{"r": 2, "lora_alpha": 6, "alpha_pattern": {"attn1.to_q": 1}}"#, 0.5),
            (nil, #"{"r": 2, "lora_alpha": 6, "alpha_pattern": {"^attn1.to_q": 1}}"#, 3.0),
            (nil, #"{"r": 2, "alpha_pattern": {"q": 8, "to_q": 1, "attn1.to_q": 2}}"#, 0.5),
            (nil, #"{"r": 2, "alpha_pattern": {"attn1.to_q": 2, "to_q": 1}}"#, 1.0),
            (nil, #"{"r": 2, "alpha_pattern": {"^transformer_blocks.0.attn1.to_q$": 4}}"#, 2.0),
            (nil, #"{"r": 2, "lora_alpha": 3, "use_rslora": true}"#, 3 / 2.0.squareRoot()),
        ] as [(Float?, String?, Double)])
    func alphaIsFound(tensor: Float?, settings: String?, scaling: Double) throws {
        let folder = try TemporaryFolder()
        var file = forged(Self.fitting, 0.5)
        if let tensor {
            file.tensors["\(Self.query).alpha"] = forged([("alpha", [])], tensor).tensors["alpha"]
        }
        let path = try folder.write(file.encoded(), to: "adapter_model.safetensors")
        if let settings { _ = try folder.write(settings.utf8, to: "adapter_config.json") }
        for place in [path, folder.path] {
            let adapter = try LoRAFile(path: place)
            #expect(adapter.layers.map(\.name) == ["transformer_blocks.0.attn1.to_q"])
            #expect(adapter.layers.map(\.rank) == [2])
            #expect(abs(adapter.layers[0].scaling - scaling) < 1e-12)
        }
    }
}
