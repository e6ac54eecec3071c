import Foundation
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// The many forms of a CLIP checkpoint's files, and what is wrong with one.
@Suite struct CLIPFolderTests {
    private func settings(_ json: JSON) throws -> CLIPImageSettings { try CLIPImageSettings(json, file: "p") }
    private func config(_ json: JSON) throws -> CLIPConfig { try CLIPConfig(json, file: "c") }

    @Test func anEmptyConfigurationIsViTB32() throws {
        let config = try config([:])
        #expect(config.vision.width == 768 && config.vision.layers == 12 && config.patches == 7)
        #expect(config.text.width == 512 && config.text.heads == 8 && config.vocabularySize == 49408)
        #expect(config.positions == 77 && config.projection == 512)
        #expect(config.text.activation == .quickGelu && config.textEnd == .token(49407))
    }

    @Test func theOlderNameOfASectionStandsInItsPlace() throws {
        let config = try config([
            "text_config": ["hidden_size": 64], "text_config_dict": ["hidden_size": 128],
            "vision_config_dict": nil, "vision_config": ["hidden_size": 96],
        ])
        #expect(config.text.width == 128 && config.vision.width == 96)
    }

    @Test func endOfTextTwoMeansTheLargestID() throws {
        #expect(try config(["text_config": ["eos_token_id": 2]]).textEnd == .largestID)
    }

    @Test(
        arguments: [
            ["model_type": "siglip"], ["projection_dim": 0], ["text_config": ["hidden_size": 513]],
            ["text_config": ["hidden_act": "mish"]], ["vision_config": ["num_channels": 4]],
            ["vision_config": ["patch_size": 225]], ["vision_config": ["image_size": "224"]],
            ["text_config": ["vocab_size": 1_099_511_627_776]],
            ["vision_config": ["image_size": 2048, "patch_size": 1]],
            ["text_config": []],
        ] as [JSON])
    func aConfigurationThatCannotRunIsRefused(json: JSON) {
        #expect(throws: ConfigError.self) { try config(json) }
    }

    @Test func everyFormOfASizeIsRead() throws {
        #expect(try settings([:]).resize == .shortestEdge(224))
        #expect(try settings(["size": 336]).resize == .shortestEdge(336))
        #expect(try settings(["size": ["shortest_edge": 336]]).resize == .shortestEdge(336))
        #expect(try settings(["size": ["height": 10, "width": 20]]).resize == .exact(width: 20, height: 10))
        #expect(try settings(["size": [10, 20]]).resize == .exact(width: 20, height: 10))
        #expect(try settings(["do_resize": false]).resize == nil)
        #expect(try settings(["do_resize": nil]).resize == nil)
        let crop = try #require(try settings(["crop_size": 30]).crop)
        #expect(crop.width == 30 && crop.height == 30)
        #expect(try settings(["do_center_crop": false]).crop == nil)
        #expect(try settings(["do_rescale": false]).rescale == nil)
        #expect(try settings(["do_normalize": false]).normalization == nil)
        #expect(try settings(["do_rescale": nil, "do_normalize": nil]).rescale == nil)
        #expect(try settings(["image_mean": 0.5]).normalization?.mean == [0.5, 0.5, 0.5])
        #expect(try settings(["resample": 2]).filter == .bilinear)
    }

    @Test(
        arguments: [
            ["size": 0], ["size": ["longest_edge": 5]],
            ["size": ["shortest_edge": 224, "longest_edge": 448]],
            ["size": [1, 2, 3]], ["crop_size": ["height": 5]], ["crop_size": 5000], ["resample": 6],
            ["image_mean": [0.5, 0.5]], ["image_std": [1, 0, 1]], ["image_std": "x"], ["do_resize": 1],
            ["rescale_factor": []],
        ] as [JSON])
    func settingsThatCannotBeAreRefused(json: JSON) {
        #expect(throws: ConfigError.self) { try settings(json) }
    }

    /// A copy of a small checkpoint, with `change` applied to one of its files.
    private func copy(_ file: String, _ change: (inout [UInt8]) -> Void) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let source = CLIPGolden(name: "quick-patch32").path
        for name in try FileManager.default.contentsOfDirectory(atPath: source) {
            var bytes = try readWholeFile("\(source)/\(name)", limit: 1 << 30)
            if name == file { change(&bytes) }
            _ = try folder.write(bytes, to: name)
        }
        return folder
    }

    @Test func theNewerProcessorFileIsRead() throws {
        let folder = try copy("") { _ in }
        let inner = try readWholeFile(folder.path("preprocessor_config.json"), limit: 1 << 20)
        let old = try CLIPFolder(path: folder.path).imageSettings
        try FileManager.default.removeItem(atPath: folder.path("preprocessor_config.json"))
        let text =
            "{\"image_processor\": \(String(decoding: inner, as: UTF8.self)), \"processor_class\": \"x\"}"
        _ = try folder.write(text.utf8, to: "processor_config.json")
        #expect(try CLIPFolder(path: folder.path).imageSettings == old)
    }

    @Test(arguments: ["config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"])
    func aFileThatIsGoneIsAMissingInput(name: String) throws {
        let folder = try copy("") { _ in }
        try FileManager.default.removeItem(atPath: folder.path(name))
        let error = #expect(throws: (any Error).self) { try CLIPFolder(path: folder.path) }
        #expect((error as? any Failure)?.exitCode == .missingInput)
    }

    @Test(arguments: ["config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"])
    func aFileThatIsCutShortIsRefused(name: String) throws {
        let folder = try copy(name) { $0.removeLast($0.count / 2) }
        let error = #expect(throws: (any Error).self) { try CLIPFolder(path: folder.path) }
        #expect((error as? any Failure)?.exitCode == .badInput)
    }

    @Test func weightsOfAnotherShapeAreRefused() throws {
        let folder = try copy("config.json") { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            bytes = Array(
                text.replacingOccurrences(of: "\"hidden_size\": 24", with: "\"hidden_size\": 48").utf8)
        }
        let clip = try CLIPFolder(path: folder.path)
        let compute = try CLIPGolden.compute()
        #expect(throws: CheckpointError.self) { try CLIPImageEncoder(clip, compute: compute) }
        #expect(throws: CheckpointError.self) { try CLIPTextEncoder(clip, compute: compute) }
    }

    @Test func aPreparationOfAnotherSizeThanTheModelsIsRefused() throws {
        let folder = try copy("preprocessor_config.json") { $0 = Array("{}".utf8) }
        let encoder = try CLIPImageEncoder(CLIPFolder(path: folder.path), compute: CLIPGolden.compute())
        let picture = try CLIPGolden.picture("square")
        #expect(throws: CLIPError.self) { try encoder.encode(picture) }
    }

    @Test func anyChangedByteChangesTheFingerprint() throws {
        let folder = try copy("") { _ in }
        let before = try CLIPFolder(path: folder.path).fingerprint()
        #expect(try CLIPFolder(path: CLIPGolden(name: "quick-patch32").path).fingerprint() == before)
        var bytes = try readWholeFile(folder.path("model.safetensors"), limit: 1 << 30)
        bytes[bytes.count - 1] ^= 1
        _ = try folder.write(bytes, to: "model.safetensors")
        #expect(try CLIPFolder(path: folder.path).fingerprint() != before)
    }
}
