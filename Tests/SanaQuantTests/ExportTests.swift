import SanaModel
import SanaQuant
import TestSupport
import Testing

/// The exported transformer against the pack's numbers.
@Suite struct ExportTests {
    private let conversion: Conversion
    private let folder: TemporaryFolder

    init() throws {
        conversion = try Conversion()
        try conversion.run()
        folder = try TemporaryFolder()
    }

    private func export(overwrite: Bool = false) throws -> ExportReport {
        var exporter = Exporter(pack: conversion.converter.output, output: folder.path("out"))
        exporter.overwrite = overwrite
        return try exporter.run { _, _ in }
    }

    private func read(_ name: String) throws -> [UInt8] {
        try readWholeFile(folder.path("out/\(name)"), limit: 1 << 30)
    }

    @Test func everyTensorIsThePacksInTheCheckpointsShape() throws {
        let report = try export()
        let pack = try conversion.pack()
        let file = try Safetensors(read("diffusion_pytorch_model.safetensors"))
        let specs = pack.configs.transformer.tensors
        var quantized = 0
        for spec in specs {
            let source = try pack.requiredTensor(spec.packName)
            let tensor = try #require(file.tensors[spec.name], "\(spec.name)")
            #expect(tensor.bytes == (try pack.values(source)), "\(spec.name)")
            #expect(tensor.type == source.elementType.name)
            guard source.scheme.isQuantized else {
                #expect(tensor.shape == spec.shape)
                continue
            }
            quantized += 1
            #expect(tensor.shape == Array(spec.shape.prefix(2)))
            let scale = try #require(file.tensors["\(spec.name)_scale"])
            #expect(scale.type == "F32" && scale.shape == [spec.shape[0], 1])
            #expect(scale.bytes == (try pack.values(try pack.scales(of: source))))
        }
        #expect(quantized > 0 && file.tensors.count == specs.count + quantized)
        #expect(report.layers == quantized && report.convolutions == 2 * pack.configs.transformer.layers)
    }

    @Test func theConfigurationNamesEveryQuantizedLayer() throws {
        _ = try export()
        let json = try JSON.parse(read("config.json"), name: "config.json")
        // The checkpoint's own members are all there.
        _ = try ModelConfigs(
            textEncoder: conversion.pack().manifest.components[.textEncoder] ?? [:],
            transformer: .object(
                json.objectValue?.members.filter {
                    !["quantization_config", "quantized_convolutions"].contains($0.key.string)
                }.reduce(into: JSONObject()) { $0[$1.key] = $1.value } ?? JSONObject()),
            decoder: conversion.pack().manifest.components[.decoder] ?? [:],
            scheduler: conversion.pack().manifest.scheduler, file: { $0 })
        let quantization = try #require(json["quantization_config"])
        #expect(
            quantization["quant_method"] == "compressed-tensors" && quantization["format"] == "int-quantized")
        let group = try #require(quantization["config_groups"]?["group_0"])
        #expect(group["weights"]?["strategy"] == "channel" && group["weights"]?["dynamic"] == false)
        #expect(group["input_activations"]?["strategy"] == "token")
        #expect(group["input_activations"]?["dynamic"] == true)
        let targets = try #require(group["targets"]?.arrayValue).compactMap(\.stringValue)
        let expected = try conversion.pack().configs.transformer.tensors.filter {
            try conversion.pack().requiredTensor($0.packName).scheme == .w8a8
        }.map { String($0.name.dropLast(".weight".count)) }
        #expect(targets == expected)
        let ignored = try #require(quantization["ignore"]?.arrayValue).compactMap(\.stringValue)
        #expect(ignored.contains("proj_out") && Set(ignored).isDisjoint(with: targets))
        let shape = json["quantized_convolutions"]?["transformer_blocks.0.ff.conv_inverted"]
        #expect(shape == [1120, 224, 1, 1])
    }

    @Test func filesThatAreThereAreReplacedOnlyWhenAsked() throws {
        _ = try export()
        let first = try read("diffusion_pytorch_model.safetensors")
        let error = #expect(throws: OutputError.self) { try export() }
        #expect(error?.exitCode == .cannotCreate)
        _ = try export(overwrite: true)
        #expect(try read("diffusion_pytorch_model.safetensors") == first)
    }

    @Test func aStoppedExportLeavesNothing() throws {
        struct Stop: Error {}
        let exporter = Exporter(pack: conversion.converter.output, output: folder.path("out"))
        #expect(throws: Stop.self) { try exporter.run { _, _ in throw Stop() } }
        #expect(try folder.names == [])
    }

    @Test func aPlaceThatIsNoFolderIsRefused() throws {
        _ = try folder.write("text".utf8, to: "out")
        let error = #expect(throws: OutputError.self) { try export() }
        #expect(error?.exitCode == .cannotCreate)
        let exporter = Exporter(pack: conversion.converter.output, output: folder.path("missing/out"))
        #expect(throws: OutputError.self) { try exporter.run { _, _ in } }
        let missing = Exporter(pack: folder.path("missing.sanaq"), output: folder.path("other"))
        #expect(throws: FileError.self) { try missing.run { _, _ in } }
        #expect(try folder.names == ["out"])
    }
}
