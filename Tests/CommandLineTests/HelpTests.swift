import TestSupport
import Testing

/// Help screens, word for word (Tests/Fixtures/help).
@Suite struct HelpTests {
    @Test(arguments: [
        "", "convert", "inspect", "verify", "generate", "calibrate", "check", "check merge",
        "export", "bench", "bench kernels", "bench model",
    ])
    func helpIsAsRecorded(subcommand: String) throws {
        let ending = try Tool.run(words(subcommand) + ["--help"])
        #expect(ending.status == 0)
        #expect(ending.messages == "")
        let name = subcommand.isEmpty ? "sana-quant" : words(subcommand).joined(separator: "-")
        let recorded = try Fixtures.bytes("help/\(name).txt")
        #expect(ending.output == String(decoding: recorded, as: UTF8.self))
    }

    /// But for the line of usage, which the parser leaves whole.
    @Test(arguments: [
        "", "convert", "inspect", "verify", "generate", "calibrate", "check", "check merge",
        "export", "bench", "bench kernels", "bench model",
    ])
    func helpFitsEightyColumns(subcommand: String) throws {
        let lines = try Tool.run(words(subcommand) + ["--help"]).output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 || $0.hasPrefix("USAGE:") })
    }

    private func words(_ subcommand: String) -> [String] { subcommand.split(separator: " ").map(String.init) }

    @Test func versionIsANumberAlone() throws {
        let ending = try Tool.run(["--version"])
        #expect(ending.status == 0)
        #expect(ending.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
}
