import SanaModel
import TestSupport
import Testing

@Suite struct BenchTests {
    private let small = [
        "bench", "model", "--preset", "reference", "--width", "64", "--height", "64", "--repeats", "1",
    ]

    @Test func theModelsResultIsOneObject() throws {
        let ending = try Tool.run(small + ["--threads", "2", "--policy", "sana", "--json"])
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        #expect(json["preset"]?.stringValue == "reference" && json["policy"]?.stringValue == "sana")
        #expect(json["threads"]?.intValue == 2 && json["width"]?.intValue == 64)
        for key in [
            "textSeconds30", "textSeconds300", "transformerPassSeconds", "decodeSeconds", "loadSeconds",
        ] {
            #expect((json[key]?.doubleValue ?? 0) > 0, "\(key)")
        }
        #expect(json["profile"] == nil)
    }

    @Test func theTableHasARowForEachPartAndTheProfileEndsWithTheWhole() throws {
        let ending = try Tool.run(small + ["--only", "transformer", "--only", "load", "--profile"])
        #expect(ending.status == 0, "\(ending.messages)")
        let lines = ending.output.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("transformer pass") && $0.contains("%") })
        #expect(lines.contains { $0.hasPrefix("load of the transformer") })
        #expect(!lines.contains { $0.hasPrefix("decoder") || $0.hasPrefix("text encoder") })
        #expect(lines.last?.hasPrefix("all") == true && lines.last?.hasSuffix("100.0 %") == true)
    }

    @Test func aTierThatTheCPULacksIsRefusedByName() throws {
        let ending = try Tool.run(["bench", "kernels", "--tier", "sse9"])
        #expect(ending.status == 64)
        #expect(ending.messageLines.count == 1 && ending.messages.contains("\"sse9\""))
        let chosen = try Tool.run(
            ["bench", "kernels", "--tier", "scalar"], environment: ["QK_TIER": "sse9"])
        #expect(chosen.status == 64 && chosen.messages.contains("sse9"), "\(chosen.messages)")
    }
}
