import TestSupport
import Testing

/// Help screens, word for word (Tests/Fixtures/help).
@Suite struct HelpTests {
    @Test(arguments: ["", "convert", "inspect", "verify", "generate"])
    func helpIsAsRecorded(subcommand: String) throws {
        let ending = try Tool.run(subcommand.isEmpty ? ["--help"] : [subcommand, "--help"])
        #expect(ending.status == 0)
        #expect(ending.messages == "")
        let recorded = try Fixtures.bytes("help/\(subcommand.isEmpty ? "sana-quant" : subcommand).txt")
        #expect(ending.output == String(decoding: recorded, as: UTF8.self))
    }

    /// But for the line of usage, which the parser leaves whole.
    @Test(arguments: ["--help", "convert", "inspect", "verify", "generate"])
    func helpFitsEightyColumns(subcommand: String) throws {
        let lines = try Tool.run([subcommand, "--help"]).output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 || $0.hasPrefix("USAGE:") })
    }

    @Test func versionIsANumberAlone() throws {
        let ending = try Tool.run(["--version"])
        #expect(ending.status == 0)
        #expect(ending.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
}
