import Foundation
import SanaModel
import TestSupport
import Testing

/// The tool is one file: it needs nothing of the folder that it was built in.
@Suite struct InstalledToolTests {
    @Test func aCopyKnowsThePresets() throws {
        let folder = try TemporaryFolder()
        let tool = folder.path("sana-quant")
        try FileManager.default.copyItem(atPath: Tool.path, toPath: tool)
        for policy in ["edge", "sana", "fp16"] {
            let ending = try ChildProcess(
                tool, ["convert", Fixtures.referenceModel, "-o", "\(policy).sanaq", "--policy", policy],
                workingFolder: folder.path
            ).wait()
            #expect(ending.status == 0, "\(ending.messages)")
        }
        #expect(try folder.names == ["edge.sanaq", "fp16.sanaq", "sana-quant", "sana.sanaq"])
    }

    @Test func noResourceBundleIsLookedFor() throws {
        let tool = try readWholeFile(Tool.path, limit: 1 << 30)
        #expect(tool.firstRange(of: Array("sana-quant_SanaQuant.resources".utf8)) == nil)
    }
}
