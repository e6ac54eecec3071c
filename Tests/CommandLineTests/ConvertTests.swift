import Foundation
import SanaModel
import TestSupport
import Testing

@Suite struct ConvertTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func convert(_ arguments: [String]) throws -> ChildProcess.Ending {
        try Tool.run(["convert"] + arguments, folder: folder.path)
    }

    /// The reference model's files, links but for `name`, which holds `bytes`; nil takes it away.
    private func copyModel(_ name: String, _ bytes: [UInt8]?) throws {
        let manager = FileManager.default
        let original = Fixtures.referenceModel
        for path in try manager.subpathsOfDirectory(atPath: original) {
            let isFolder =
                try manager.attributesOfItem(atPath: "\(original)/\(path)")[.type] as? FileAttributeType
            if isFolder == .typeDirectory {
                try manager.createDirectory(
                    atPath: folder.path("model/\(path)"), withIntermediateDirectories: true)
            } else if path != name {
                try manager.createSymbolicLink(
                    atPath: folder.path("model/\(path)"), withDestinationPath: "\(original)/\(path)")
            } else if let bytes {
                try folder.write(bytes, to: "model/\(path)")
            }
        }
    }

    private func original(_ name: String) throws -> [UInt8] {
        try readWholeFile("\(Fixtures.referenceModel)/\(name)", limit: 1 << 30)
    }

    @Test func jsonIsOneObject() throws {
        let ending = try convert([Fixtures.referenceModel, "-o", "pack.sanaq", "--json"])
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        #expect(json["path"] == "pack.sanaq" && json["policy"] == "edge")
        #expect(json["bytesAfter"]?.intValue == (try folder.read("pack.sanaq").count))
        #expect(json["components"]?.arrayValue?.count == 3)
        #expect(try #require(json["tensors"]?.arrayValue).count > 100)
        #expect(try folder.names == ["pack.sanaq"])
    }

    @Test func aPackThatIsThereIsReplacedOnlyWhenAsked() throws {
        try folder.write("precious".utf8, to: "pack.sanaq")
        let refused = try convert([Fixtures.referenceModel, "-o", "pack.sanaq"])
        #expect(refused.status == 73)
        #expect(refused.messages.contains("--overwrite"))
        #expect(try folder.read("pack.sanaq") == Array("precious".utf8))
        #expect(try convert([Fixtures.referenceModel, "-o", "pack.sanaq", "--overwrite"]).status == 0)
        #expect(try folder.read("pack.sanaq") == readWholeFile(Shared.pack, limit: 1 << 30))
    }

    @Test func anOutputThatIsAnInputIsAUsageError() throws {
        try copyModel("model_index.json", original("model_index.json"))
        let ending = try convert(["model", "-o", "model/model_index.json", "--overwrite"])
        #expect(ending.status == 64, "\(ending.messages)")
        #expect(try convert(["model", "-o", "model", "--overwrite"]).status == 73)
        #expect(try folder.read("model/model_index.json") == original("model_index.json"))
    }

    @Test(arguments: ["missing/pack.sanaq", "/dev/null", "."])
    func anOutputThatCannotBeCreatedIsRefused(output: String) throws {
        let ending = try convert([Fixtures.referenceModel, "-o", output, "--overwrite"])
        #expect(ending.status == 73)
        #expect(ending.output == "")
    }

    /// Nothing is read-only for root.
    @Test(.enabled(if: geteuid() != 0)) func aReadOnlyFolderIsRefused() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
        let ending = try convert([Fixtures.referenceModel, "-o", "pack.sanaq"])
        #expect(ending.status == 73, "\(ending.messages)")
    }

    @Test func aCheckpointThatIsNoneIsRefused() throws {
        try folder.write("text".utf8, to: "text")
        #expect(try convert(["missing", "-o", "pack.sanaq"]).status == 66)
        #expect(try convert([folder.path, "-o", "pack.sanaq"]).status == 66)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("circle"), withDestinationPath: "circle")
        #expect(try convert(["circle", "-o", "pack.sanaq"]).status == 74)
        #expect([65, 66].contains(try convert(["text", "-o", "pack.sanaq"]).status))
        #expect([65, 66].contains(try convert(["/dev/zero", "-o", "pack.sanaq"]).status))
        #expect(try folder.names == ["circle", "text"])
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let file: String
        let status: Int32
        let testDescription: String
        let change: @Sendable (inout [UInt8]) -> Void
    }

    static let weights = "transformer/diffusion_pytorch_model.safetensors"
    static let damages = [
        Damage(file: weights, status: 65, testDescription: "cut short") { $0.removeLast() },
        Damage(file: weights, status: 65, testDescription: "trailing byte") { $0.append(0) },
        Damage(file: weights, status: 65, testDescription: "empty") { $0 = [] },
        Damage(file: weights, status: 65, testDescription: "header of 2^63 bytes") { $0[7] = 0x80 },
        // The last two bytes are a 16-bit number; 0x7E00 is NaN.
        Damage(file: weights, status: 65, testDescription: "NaN") { bytes in
            bytes.replaceSubrange(bytes.count - 2..<bytes.count, with: [0x00, 0x7E])
        },
        Damage(file: "model_index.json", status: 65, testDescription: "no JSON") { $0 = [0x7B] },
        Damage(file: "vae/config.json", status: 65, testDescription: "empty object") { $0 = [0x7B, 0x7D] },
        Damage(file: "tokenizer/tokenizer.json", status: 65, testDescription: "tokenizer") {
            $0 = [0x7B, 0x7D]
        },
    ]

    @Test(arguments: damages) func aDamagedCheckpointLeavesNoPack(_ damage: Damage) throws {
        var bytes = try original(damage.file)
        damage.change(&bytes)
        try copyModel(damage.file, bytes)
        let ending = try convert(["model", "-o", "pack.sanaq", "--policy", "fp16"])
        #expect(ending.status == damage.status, "\(ending.messages)")
        #expect(ending.output == "" && ending.lastMessage.hasPrefix("sana-quant: "))
        #expect(try folder.names == ["model"])
    }

    @Test(arguments: [weights, "vae/config.json", "tokenizer/tokenizer.json", "model_index.json"])
    func aFileThatIsGoneIsAMissingInput(name: String) throws {
        try copyModel(name, nil)
        let ending = try convert(["model", "-o", "pack.sanaq"])
        #expect(ending.status == 66, "\(ending.messages)")
        #expect(try folder.names == ["model"])
    }

    @Test func anAdapterIsMergedAndTold() throws {
        let adapter = Fixtures.path("adapters/diffusers")
        let ending = try convert([
            Fixtures.referenceModel, "-o", "pack.sanaq", "--lora", "\(adapter):0.5", "--json",
        ])
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        let told = try #require(json["adapters"]?.arrayValue?.first)
        #expect(told["name"] == "pytorch_lora_weights.safetensors" && told["scale"]?.doubleValue == 0.5)
        let inspected = try Tool.run(["inspect", folder.path("pack.sanaq")])
        #expect(inspected.output.contains("pytorch_lora_weights.safetensors, scale 0.5, 5 layers"))
        #expect(try folder.read("pack.sanaq") != readWholeFile(Shared.pack, limit: 1 << 30))
    }

    @Test func anAdapterThatIsGoneOrScaledByAWordIsRefused() throws {
        let adapter = Fixtures.path("adapters/diffusers")
        let cases: [(String, Int32)] = [
            ("missing.safetensors", 66), ("\(adapter):much", 64), (adapter + "/..", 66),
        ]
        for (option, status) in cases {
            let ending = try convert([Fixtures.referenceModel, "-o", "pack.sanaq", "--lora", option])
            #expect(ending.status == status, "\(ending.messages)")
            #expect(ending.messages.hasPrefix("sana-quant: ") && ending.messageLines.count == 1)
        }
        #expect(try folder.names == [])
    }

    @Test func verifyAcceptsAPackAndFindsAFlippedBit() throws {
        #expect(try Tool.run(["verify", Shared.pack]).status == 0)
        var bytes = try readWholeFile(Shared.pack, limit: 1 << 30)
        bytes[bytes.count / 3] ^= 1
        let ending = try Tool.run(["verify", try folder.write(bytes, to: "damaged")])
        #expect(ending.status == 65)
        #expect(ending.messages.contains("damaged"))
    }

    @Test func inspectPrintsOneObject() throws {
        let ending = try Tool.run(["inspect", Shared.pack, "--json"])
        #expect(ending.status == 0)
        #expect(try JSON.parse(Array(ending.output.utf8), name: "output").objectValue != nil)
    }
}
