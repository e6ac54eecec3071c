import Foundation
import SanaModel
import SanaQuant
import Testing

/// Converts to `pack.sanaq` in a folder of its own.
struct Conversion {
    let folder: TemporaryFolder
    var converter: Converter

    init(_ checkpoint: String = CheckpointCopy.original, _ policy: String = "edge") throws {
        folder = try TemporaryFolder()
        converter = Converter(tool: "test", checkpoint: checkpoint, output: folder.path("pack.sanaq"))
        converter.policy = policy
        converter.threads = 2
    }

    @discardableResult
    func run() throws -> ConversionReport {
        try converter.run { _, _, _ in }
    }

    func pack() throws -> PackReader { try PackReader(path: converter.output) }
}

@Suite struct ConverterTests {
    /// Holds every tensor of a pack against the checkpoint.
    static func check(_ conversion: Conversion, types: [Component: ElementType] = [:]) throws {
        let report = try conversion.run()
        let pack = try conversion.pack()
        let folder = try CheckpointFolder(path: conversion.converter.checkpoint)
        let specs = pack.configs.tensors
        let policy = try Policy(nameOrPath: conversion.converter.policy)
        let assignments = try policy.assign(specs)
        #expect(report.tensors.map(\.name) == specs.map(\.packName))
        for (assignment, line) in zip(assignments, report.tensors) {
            let spec = assignment.spec
            let source = try folder.tensors(spec.component).tensor(spec.name, shape: spec.shape)
            let values = floats(try source.readBytes(elements: 0..<source.elementCount), source.type)
            let expected = Expected(values, spec, assignment.scheme)
            let tensor = try pack.requiredTensor(spec.packName)
            #expect(tensor.scheme == assignment.scheme)
            #expect(tensor.shape == spec.packShape(assignment.scheme))
            #expect(line.scheme == assignment.scheme && line.elementType == tensor.elementType)
            #expect(line.bytesBefore == source.byteRange.count)

            let bytes = try pack.values(tensor)
            if tensor.scheme.isQuantized {
                let quantized = expected.quantized
                let scales = floats(try pack.values(try pack.scales(of: tensor)), .f32)
                #expect(scales == quantized.scales, "\(spec.packName)")
                #expect(bytes.map { Int8(bitPattern: $0) } == quantized.values, "\(spec.packName)")
                let decibels = try #require(line.error.decibels)
                #expect(decibels > 25, "\(spec.packName) \(decibels)")
                #expect(try #require(line.error.worstRow).decibels <= decibels)
            } else {
                #expect(tensor.elementType == types[spec.component] ?? source.type)
                #expect(floats(bytes, tensor.elementType) == expected.values, "\(spec.packName)")
                #expect(line.error.decibels == nil)
            }
        }
    }

    @Test(arguments: ["edge", "sana", "fp16"])
    func packHoldsWhatThePolicySaysOfTheCheckpoint(policy: String) throws {
        try Self.check(try Conversion(CheckpointCopy.original, policy))
    }

    @Test(arguments: ["edge", "fp16"])
    func bf16StaysBF16AndF32BecomesF16(policy: String) throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.textEncoder) { weights in
            weights.tensors = weights.tensors.mapValues { $0.converted(to: "BF16") }
        }
        try copy.editWeights(.decoder) { weights in
            weights.tensors = weights.tensors.mapValues { $0.converted(to: "F32") }
        }
        try Self.check(try Conversion(copy.path, policy), types: [.decoder: .f16])
    }

    @Test func f32ThatDoesNotFitF16StaysAndTheReportSaysSo() throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.transformer) { weights in
            var tensor = try #require(weights.tensors["proj_out.bias"]).converted(to: "F32")
            tensor.values[3] = 65505
            weights.tensors["proj_out.bias"] = tensor
        }
        let conversion = try Conversion(copy.path)
        let report = try conversion.run()
        let line = try #require(report.tensors.first { $0.name == "transformer.proj_out.bias" })
        #expect(line.scheme == .f32 && line.elementType == .f32)
        #expect(line.reason == "values do not fit F16")
        let pack = try conversion.pack()
        let tensor = try pack.requiredTensor("transformer.proj_out.bias")
        #expect(floats(try pack.values(tensor), .f32)[3] == 65505)
    }

    /// F16's least numbers have few digits, and below 3e-8 it has none.
    @Test func f32TooSmallForF16Stays() throws {
        let name = "transformer_blocks.0.attn2.to_k.weight"
        for (factor, scheme) in [(Float(0x1p-4), Scheme.f16), (0x1p-14, .f32), (0x1p-24, .f32)] {
            let copy = try CheckpointCopy()
            try copy.editWeights(.transformer) { weights in
                var tensor = try #require(weights.tensors[name]).converted(to: "F32")
                tensor.values = tensor.values.map { $0 * factor }
                weights.tensors[name] = tensor
            }
            let report = try Conversion(copy.path).run()
            let line = try #require(report.tensors.first { $0.name == "transformer.\(name)" })
            #expect(line.scheme == scheme, "\(factor)")
        }
    }

    @Test func f32ThatLosesDigitsIsReported() throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.transformer) { weights in
            var tensor = try #require(weights.tensors["proj_out.weight"]).converted(to: "F32")
            tensor.values[0] += 1e-7
            weights.tensors["proj_out.weight"] = tensor
        }
        let report = try Conversion(copy.path).run()
        let line = try #require(report.tensors.first { $0.name == "transformer.proj_out.weight" })
        #expect(try #require(line.error.decibels) > 80)
        #expect(line.error.worstRow?.index == 0)
    }

    @Test func wholeLanguageModelGivesTheSamePack() throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.textEncoder) { weights in
            var whole = Safetensors()
            for (name, tensor) in weights.tensors { whole.tensors["model.\(name)"] = tensor }
            whole.tensors["lm_head.weight"] = weights.tensors["embed_tokens.weight"]
            whole.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = weights.tensors["norm.weight"]
            weights = whole
        }
        try Self.check(try Conversion(copy.path))
    }

    @Test func shardsGiveTheSameTensors() throws {
        let copy = try CheckpointCopy()
        let name = CheckpointCopy.weights(.transformer)
        let whole = try Safetensors(Array(try Data(contentsOf: URL(fileURLWithPath: copy.folder.path(name)))))
        try FileManager.default.removeItem(atPath: copy.folder.path(name))
        var shards = [Safetensors(), Safetensors(), Safetensors()]
        var map = JSONObject()
        for (index, (name, tensor)) in whole.tensors.sorted(by: { $0.key < $1.key }).enumerated() {
            shards[index % 3].tensors[name] = tensor
            map[name] = .string("diffusion_pytorch_model-0000\(index % 3 + 1)-of-00003.safetensors")
        }
        for (index, shard) in shards.enumerated() {
            _ = try copy.folder.write(
                shard.encoded(),
                to: "transformer/diffusion_pytorch_model-0000\(index + 1)-of-00003.safetensors")
        }
        let index: JSON = ["metadata": [:], "weight_map": .object(map)]
        _ = try copy.folder.write(
            index.serialized(pretty: true).utf8,
            to: "transformer/diffusion_pytorch_model.safetensors.index.json")
        try Self.check(try Conversion(copy.path))
    }

    @Test func keptTensorsStayAtSixteenBits() throws {
        var conversion = try Conversion()
        conversion.converter.keep = ["vae.decoder.up_blocks.1.0.conv.weight", "text_encoder.embed_*"]
        let report = try conversion.run()
        for name in ["vae.decoder.up_blocks.1.0.conv.weight", "text_encoder.embed_tokens.weight"] {
            let line = try #require(report.tensors.first { $0.name == name })
            #expect(line.scheme == .f16)
            #expect(line.reason?.hasPrefix("--keep ") == true)
        }
        #expect(
            try conversion.pack().requiredTensor("vae.decoder.up_blocks.1.0.conv.weight").shape == [
                32, 9 * 64,
            ])
    }

    @Test func sameInputGivesSameBytesWithAnyNumberOfThreads() throws {
        var packs: [Data] = []
        for threads in [1, 2, 3] {
            var conversion = try Conversion()
            conversion.converter.threads = threads
            try conversion.run()
            packs.append(try Data(contentsOf: URL(fileURLWithPath: conversion.converter.output)))
        }
        #expect(packs[0] == packs[1] && packs[0] == packs[2])
    }

    @Test func reportAddsUpToThePack() throws {
        let conversion = try Conversion()
        let report = try conversion.run()
        let pack = try conversion.pack()
        #expect(report.bytesAfter == pack.fileSize)
        for component in Component.allCases {
            let sum = report.sum(component)
            let ofSchemes = Scheme.allCases.map { report.sum(component, $0) }
            #expect(sum.bytesAfter == ofSchemes.reduce(0) { $0 + $1.bytesAfter })
            let stored = pack.tensors.filter { $0.name.hasPrefix("\(component.rawValue).") }
            #expect(sum.bytesAfter == stored.reduce(0) { $0 + $1.storedByteCount })
        }
        let json = report.json
        #expect(json["bytesBefore"]?.intValue == report.bytesBefore)
        #expect(json["tensors"]?.arrayValue?.count == report.tensors.count)
        let worst = report.worst(5).compactMap(\.error.decibels)
        #expect(worst == worst.sorted() && worst.count == 5)
    }

    @Test func manifestSaysWhatARunNeeds() throws {
        let copy = try CheckpointCopy()
        _ = try copy.folder.write(
            "---\nlicense: other\nlicense_name: test-licence\n---\n".utf8, to: "README.md")
        var conversion = try Conversion(copy.path)
        let lines = "[\"Improve \\u00e9:\", \"\", \"User Prompt: \"]"
        conversion.converter.instruction = try conversion.folder.write(lines.utf8, to: "instruction.json")
        try conversion.run()
        let pack = try conversion.pack()
        #expect(pack.manifest.defaults == .init(width: 512, height: 512, steps: 20, guidance: 4.5, seed: 0))
        #expect(pack.manifest.policy.name == "edge" && pack.manifest.policy.text == Preset.edge.yaml)
        #expect(pack.manifest.modelClass == "SanaPipeline")
        #expect(pack.manifest.licence == "test-licence")
        #expect(pack.manifest.hasInstruction)
        #expect(try pack.requiredBlob(.instruction) == Array("Improve é:\n\nUser Prompt: ".utf8))
        let sources = pack.manifest.sources
        #expect(sources.map(\.path).contains("text_encoder/model.safetensors"))
        for source in sources {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: copy.folder.path(source.path)))
            #expect(source.size == bytes.count && source.hash == XXH64.hash(Array(bytes)))
        }
    }

    @Test func packWithoutInstructionSaysSo() throws {
        let conversion = try Conversion()
        #expect(try !conversion.run().hasInstruction)
        #expect(try !conversion.pack().manifest.hasInstruction)
        #expect(try conversion.pack().blob(.instruction) == nil)
    }
}
