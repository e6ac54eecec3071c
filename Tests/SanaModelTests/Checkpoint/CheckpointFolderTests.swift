import SanaModel
import TestSupport
import Testing

@Suite struct CheckpointFolderTests {
    private static let index: JSON = [
        "_class_name": "SanaPipeline", "_diffusers_version": "0.32.0",
        "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
        "text_encoder": ["transformers", "Gemma2Model"],
        "tokenizer": ["transformers", "GemmaTokenizerFast"],
        "transformer": ["diffusers", "SanaTransformer2DModel"], "vae": ["diffusers", "AutoencoderDC"],
    ]

    private let folder: TestSupport.TemporaryFolder
    private var indexPath: String { folder.path("model_index.json") }

    init() throws {
        folder = try TestSupport.TemporaryFolder()
    }

    private func open(_ change: (inout JSONObject) -> Void = { _ in }) throws -> CheckpointFolder {
        var object = try #require(Self.index.objectValue)
        change(&object)
        try folder.put(JSON.object(object).serialized(pretty: true), "model_index.json")
        return try CheckpointFolder(path: folder.path)
    }

    // MARK: The reference model

    @Test func theReferenceModelIsRead() throws {
        let checkpoint = try CheckpointFolder(path: Fixtures.referenceModel)
        #expect(checkpoint.classes["transformer"] == "SanaTransformer2DModel")
        #expect(checkpoint.classes["text_encoder"] == "Gemma2Model")
        for component in Component.allCases {
            #expect(try checkpoint.configuration(component).objectValue != nil)
            let tensors = try checkpoint.tensors(component)
            #expect(tensors.names.count > 40)
            for name in tensors.names {
                let tensor = try #require(try tensors.entry(name))
                #expect(tensor.elementCount == tensor.shape.reduce(1, *))
            }
        }
        #expect(try checkpoint.schedulerConfiguration()["lambda_min_clipped"] == .number(-.infinity))
        #expect(try checkpoint.tokenizerTables().idCount == 1024)
    }

    // MARK: model_index.json

    @Test func aMissingFolderIsMissing() {
        let path = folder.path("none")
        #expect(throws: FileError.missing(path: path)) { try CheckpointFolder(path: path) }
    }

    @Test func aFolderWithoutAModelIndexIsRejected() {
        let error = CheckpointError.noModelIndex(folder: folder.path)
        #expect(throws: error) { try CheckpointFolder(path: folder.path) }
        #expect(error.exitCode == .missingInput)
    }

    @Test func anIndexThatIsNotJSONIsRejected() throws {
        try folder.put("{", "model_index.json")
        #expect(throws: JSONError.unexpectedEnd(file: indexPath)) { try CheckpointFolder(path: folder.path) }
    }

    @Test(arguments: ["FluxPipeline", "SanaPipeline2", "sanapipeline", ""])
    func anotherPipelineIsRefusedByName(name: String) {
        let error = CheckpointError.unknownClass(
            file: indexPath, component: "_class_name", found: name,
            supported: ["SanaPipeline", "SanaSprintPipeline"])
        #expect(throws: error) { try open { $0["_class_name"] = .string(name) } }
        #expect(error.exitCode == .badInput)
    }

    @Test(arguments: [
        ("transformer", "FluxTransformer2DModel"), ("text_encoder", "LlamaModel"),
        ("tokenizer", "T5Tokenizer"),
        ("vae", "AutoencoderKL"), ("scheduler", "EulerDiscreteScheduler"),
    ])
    func anotherClassIsRefusedByName(component: String, name: String) {
        let error = #expect(throws: CheckpointError.self) {
            try open { $0[component] = ["diffusers", .string(name)] }
        }
        #expect(error?.description.contains(name) == true)
        #expect(error?.description.contains(component) == true)
    }

    @Test(arguments: ["Gemma2Model", "Gemma2ForCausalLM"])
    func bothClassesOfTheTextEncoderAreKnown(name: String) throws {
        #expect(
            try open { $0["text_encoder"] = ["transformers", .string(name)] }.classes["text_encoder"] == name)
    }

    @Test(arguments: ["transformer", "text_encoder", "tokenizer", "vae", "scheduler"])
    func aMissingComponentIsRejected(component: String) {
        #expect(throws: CheckpointError.missingComponent(file: indexPath, component: component)) {
            try open { $0[component] = nil }
        }
    }

    @Test(arguments: ["\"SanaTransformer2DModel\"", "[]", "[\"diffusers\"]", "[null, null]", "[1, 2]", "{}"])
    func aMalformedComponentIsRejected(value: String) throws {
        let json = try JSON.parse(Array(value.utf8), name: "value")
        #expect(throws: CheckpointError.malformedComponent(file: indexPath, component: "transformer")) {
            try open { $0["transformer"] = json }
        }
    }

    @Test func anUnknownComponentIsRefusedByName() throws {
        #expect(throws: CheckpointError.unknownComponent(file: indexPath, component: "safety_checker")) {
            try open { $0["safety_checker"] = ["a", "B"] }
        }
        _ = try open { $0["safety_checker"] = [nil, nil] }
    }

    // MARK: Configurations, weights, licence

    @Test func missingConfigurationsAreMissing() throws {
        let checkpoint = try open()
        let path = folder.path("vae/config.json")
        #expect(throws: FileError.missing(path: path)) { try checkpoint.configuration(.decoder) }
        #expect(throws: FileError.missing(path: folder.path("scheduler/scheduler_config.json"))) {
            try checkpoint.schedulerConfiguration()
        }
        #expect(throws: FileError.missing(path: folder.path("tokenizer/tokenizer.json"))) {
            try checkpoint.tokenizerTables()
        }
        #expect(throws: FileError.missing(path: folder.path("transformer"))) {
            try checkpoint.tensors(.transformer)
        }
    }

    @Test func aHugeConfigurationIsRejected() throws {
        let checkpoint = try open()
        try folder.makeFolder("vae")
        try folder.put("{" + String(repeating: " ", count: 1 << 20) + "}", "vae/config.json")
        #expect(throws: FileError.self) { try checkpoint.configuration(.decoder) }
    }

    @Test func aLanguageModelsTextEncoderLosesItsPrefix() throws {
        let checkpoint = try open { $0["text_encoder"] = ["transformers", "Gemma2ForCausalLM"] }
        try folder.makeFolder("text_encoder")
        try folder.put(
            safetensors([("model.norm.weight", "BF16", 2), ("lm_head.weight", "BF16", 1)]),
            "text_encoder/model.safetensors")
        #expect(try checkpoint.tensors(.textEncoder).names == ["lm_head.weight", "norm.weight"])
    }

    @Test func theLicenceIsFound() throws {
        let checkpoint = try open()
        #expect(try checkpoint.licence() == nil)
        try folder.put("---\nlicense: other\nlicense_name: some\n---\n# Title\n", "README.md")
        #expect(try checkpoint.licence() == "license: other\nlicense_name: some")
        try folder.put("The whole text.\n", "LICENSE.txt")
        #expect(try checkpoint.licence() == "The whole text.\n")
        try folder.put([0xFF], "LICENSE")
        #expect(throws: CheckpointError.licenceIsNotText(file: folder.path("LICENSE"))) {
            try checkpoint.licence()
        }
    }
}
