import Foundation
import SanaModel
import TestSupport
import Testing

@Suite struct ExportTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func export(_ arguments: [String]) throws -> ChildProcess.Ending {
        try Tool.run(["export"] + arguments, folder: folder.path)
    }

    @Test func jsonIsOneObjectAndTheFilesAreThere() throws {
        let ending = try export([Shared.pack, "-o", "out", "--json"])
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        let files = try #require(json["files"]?.arrayValue).compactMap(\.stringValue)
        let found = try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).sorted()
        #expect(found == ["config.json", "diffusion_pytorch_model.safetensors"])
        #expect(files.map { ($0 as NSString).lastPathComponent }.sorted() == found)
        let sizes = try found.map { try folder.read("out/\($0)").count }
        #expect(json["bytes"]?.intValue == sizes.reduce(0, +))
    }

    @Test func theCodesAreThoseOfConvert() throws {
        #expect(try export(["missing.sanaq", "-o", "out"]).status == 66)
        try folder.write("no pack".utf8, to: "text")
        #expect(try export(["text", "-o", "out"]).status == 65)
        #expect(try export([Shared.pack, "-o", "text"]).status == 73)
        #expect(try export([Shared.pack, "-o", "missing/out"]).status == 73)
        #expect(try folder.names == ["text"])
        #expect(try export([Shared.pack, "-o", "out"]).status == 0)
        let again = try export([Shared.pack, "-o", "out"])
        #expect(again.status == 73 && again.messages.contains("--overwrite"))
        #expect(try export([Shared.pack, "-o", "out", "--overwrite"]).status == 0)
    }
}
