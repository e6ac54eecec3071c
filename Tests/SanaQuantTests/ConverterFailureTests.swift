import Foundation
import SanaModel
import SanaQuant
import Synchronization
import Testing

/// Each conversion here must fail, with the right exit code and a sentence that names what is wrong, and leave
/// nothing behind.
@Suite struct ConverterFailureTests {
    static func expectFailure(_ conversion: Conversion, _ code: ExitCode, _ words: String...) throws {
        let before = try conversion.folder.names
        let error = #expect(throws: (any Error).self) { try conversion.run() }
        let failure = try #require(error as? any Failure, "\(String(describing: error))")
        #expect(failure.exitCode == code, "\(failure)")
        for word in words { #expect(failure.description.contains(word), "\(failure)") }
        #expect(try conversion.folder.names == before)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity], ["F16", "BF16", "F32"])
    func weightThatIsNotFiniteIsNamedWithItsRow(value: Float, type: String) throws {
        let copy = try CheckpointCopy()
        let name = "transformer_blocks.2.attn1.to_k.weight"
        try copy.editWeights(.transformer) { weights in
            var tensor = try #require(weights.tensors[name]).converted(to: type)
            tensor.values[5 * 224 + 17] = value
            weights.tensors[name] = tensor
        }
        for policy in ["edge", "fp16"] {
            try Self.expectFailure(
                try Conversion(copy.path, policy), .badInput, "transformer.\(name)", "row 5")
        }
    }

    @Test func foldedConvolutionWithNaNIsNamedWithItsOutputChannel() throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.decoder) { weights in
            weights.tensors["decoder.up_blocks.1.0.conv.weight"]?.values[7 * 64 * 9 + 100] = .nan
        }
        try Self.expectFailure(
            try Conversion(copy.path), .badInput, "vae.decoder.up_blocks.1.0.conv.weight", "row 7")
    }

    @Test func weightsTooLargeForInt8AreNamed() throws {
        let copy = try CheckpointCopy()
        let name = "transformer_blocks.0.attn1.to_q.weight"
        try copy.editWeights(.transformer) { weights in
            var tensor = try #require(weights.tensors[name]).converted(to: "BF16")
            tensor.values[3 * 224] = 1e30
            weights.tensors[name] = tensor
        }
        try Self.expectFailure(try Conversion(copy.path), .badInput, name, "row 3", "--keep")
    }

    @Test func missingTensorIsNamed() throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.transformer) { $0.tensors["proj_out.weight"] = nil }
        try Self.expectFailure(try Conversion(copy.path), .badInput, "proj_out.weight")
    }

    @Test(arguments: [Component.transformer, .textEncoder, .decoder])
    func unexpectedTensorIsNamed(component: Component) throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(component) { weights in
            weights.tensors["lora_A.weight"] = .init(type: "F16", shape: [1], bytes: [0, 0])
        }
        try Self.expectFailure(
            try Conversion(copy.path), .badInput, "\(component.rawValue).lora_A.weight")
    }

    @Test func wrongShapeIsNamedWithBothShapes() throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.transformer) {
            $0.tensors["caption_projection.linear_1.weight"]?.shape = [256, 224]
        }
        try Self.expectFailure(
            try Conversion(copy.path), .badInput, "caption_projection.linear_1.weight", "[256, 224]",
            "[224, 256]")
    }

    @Test(arguments: ["F64", "I8", "F8_E4M3", "I32"])
    func numbersThatAreNoWeightsAreRefusedByType(type: String) throws {
        let copy = try CheckpointCopy()
        try copy.editWeights(.transformer) { weights in
            var tensor = try #require(weights.tensors["proj_out.bias"])
            tensor.type = type
            let size = type == "F64" ? 8 : type == "I32" ? 4 : 1
            tensor.bytes = [UInt8](repeating: 0, count: 32 * size)
            weights.tensors["proj_out.bias"] = tensor
        }
        try Self.expectFailure(try Conversion(copy.path), .badInput, "proj_out.bias", type)
    }

    @Test func unknownClassIsRefusedByName() throws {
        let copy = try CheckpointCopy()
        try copy.editJSON("model_index.json") { $0["_class_name"] = "StableDiffusionPipeline" }
        try Self.expectFailure(try Conversion(copy.path), .badInput, "StableDiffusionPipeline")
    }

    @Test(arguments: ["transformer/config.json", "text_encoder/config.json", "vae/config.json"])
    func unknownOptionIsRefusedByName(file: String) throws {
        let copy = try CheckpointCopy()
        try copy.editJSON(file) { $0["new_trick"] = 3 }
        try Self.expectFailure(try Conversion(copy.path), .badInput, "new_trick")
    }

    @Test func aTokenizerThatMakesNothingOfAnEmptyPromptIsRefused() throws {
        let copy = try CheckpointCopy()
        try copy.editJSON("tokenizer/tokenizer.json") { $0["post_processor"] = .null }
        try Self.expectFailure(try Conversion(copy.path), .badInput, "no token before a text")
    }

    @Test func truncatedWeightsAreRefused() throws {
        let copy = try CheckpointCopy()
        try copy.edit(CheckpointCopy.weights(.textEncoder)) { $0.removeLast(10) }
        try Self.expectFailure(try Conversion(copy.path), .badInput, "norm.weight")
    }

    @Test func missingCheckpointIsMissingInput() throws {
        try Self.expectFailure(try Conversion("no/such/checkpoint"), .missingInput, "no/such/checkpoint")
    }

    @Test func existingOutputNeedsOverwrite() throws {
        var conversion = try Conversion()
        _ = try conversion.folder.write([1, 2, 3], to: "pack.sanaq")
        try Self.expectFailure(conversion, .cannotCreate, "pack.sanaq")
        conversion.converter.overwrite = true
        try conversion.run()
        #expect(try conversion.pack().configs.transformer.layers == 9)
    }

    @Test(arguments: [
        "model_index.json", "transformer/config.json", "vae/diffusion_pytorch_model.safetensors", "notes.txt",
        "scheduler/../notes.txt",
    ])
    func fileOfTheCheckpointIsNeverOverwritten(name: String) throws {
        let copy = try CheckpointCopy()
        for file in ["transformer/config.json", "notes.txt"] { try copy.editOrWrite(file) }
        var conversion = try Conversion(copy.path)
        conversion.converter.output = copy.folder.path(name)
        conversion.converter.overwrite = true
        try Self.expectFailure(conversion, .usage, "give the pack another name")
    }

    @Test func outputThatIsAnInputUnderAnotherNameIsRefused() throws {
        let copy = try CheckpointCopy()
        try copy.editOrWrite("transformer/config.json")
        var conversion = try Conversion(copy.path)
        try FileManager.default.linkItem(
            atPath: copy.folder.path("transformer/config.json"), toPath: conversion.converter.output)
        conversion.converter.overwrite = true
        try Self.expectFailure(conversion, .usage, "is the input")
    }

    @Test func packMayStandInTheCheckpointsFolder() throws {
        let copy = try CheckpointCopy()
        var conversion = try Conversion(copy.path)
        conversion.converter.output = copy.folder.path("edge.sanaq")
        conversion.converter.overwrite = true
        try conversion.run()
        try conversion.run()
    }

    @Test(arguments: ["{}", "[]", "[1]", "\"text\"", "[\"a\", null]", "[\"\"]"])
    func instructionThatIsNoListOfLinesIsRefused(text: String) throws {
        var conversion = try Conversion()
        conversion.converter.instruction = try conversion.folder.write(text.utf8, to: "instruction.json")
        try Self.expectFailure(conversion, .badInput, "instruction.json")
    }

    @Test func keepThatNamesNothingIsAUsageError() throws {
        var conversion = try Conversion()
        conversion.converter.keep = ["transformer.nothing"]
        try Self.expectFailure(conversion, .usage, "transformer.nothing")
        conversion.converter.keep = ["a[b]"]
        try Self.expectFailure(conversion, .usage, "a[b]")
    }

    @Test(arguments: [Converter.Stage.measuring, .converting, .hashing])
    func stoppingLeavesNothingBehind(stage: Converter.Stage) throws {
        struct Stop: Error {}
        let copy = try CheckpointCopy()
        try copy.editWeights(.decoder) { weights in
            weights.tensors = weights.tensors.mapValues { $0.converted(to: "F32") }
        }
        let conversion = try Conversion(copy.path)
        let calls = Mutex(0)
        #expect(throws: Stop.self) {
            _ = try conversion.converter.run { current, done, total in
                #expect(done <= total)
                guard current == stage else { return }
                calls.withLock { $0 += 1 }
                if done > total / 2 { throw Stop() }
            }
        }
        #expect(calls.withLock { $0 } > 0)
        #expect(try conversion.folder.names == [])
    }
}

extension CheckpointCopy {
    /// Makes a file of its own of a link, or a new one.
    func editOrWrite(_ name: String) throws {
        if FileManager.default.fileExists(atPath: folder.path(name)) {
            try edit(name) { _ in }
        } else {
            _ = try folder.write([65], to: name)
        }
    }
}
