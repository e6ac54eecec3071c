import TestSupport
import Testing

/// What the command line cannot mean ends with 64 and one sentence, and prints no result.
@Suite struct UsageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let words: String

        init(_ arguments: [String], _ words: String) {
            self.arguments = arguments
            self.words = words
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    /// No pack is opened: these are noticed before.
    static let cases = [
        Case(["frobnicate"], "frobnicate"),
        Case(["generate"], "<pack>"),
        Case(["generate", "p", "--prompt", "a", "--colour"], "--colour"),
        Case(["generate", "p", "--prompt"], "Missing value for '--prompt"),
        Case(["generate", "p"], "give --prompt or --prompts"),
        Case(["generate", "p", "--prompt", "a", "--prompts", "b"], "not both"),
        Case(["generate", "p", "--prompt", "a", "--threads", "0"], "is 0, expected 1 to 256"),
        Case(["generate", "p", "--prompt=", "--threads=0"], "is 0, expected 1 to 256"),
        Case(["generate", "p", "--prompt", "a", "--threads", "-3"], "is -3, expected 1 to 256"),
        Case(["generate", "p", "--prompt", "a", "--threads", "1000000"], "is 1000000, expected 1 to 256"),
        Case(["generate", "p", "--prompt", "a", "--threads", "two"], "'two' is invalid"),
        Case(["generate", "p", "--prompt", "a", "--count", "0"], "is 0, expected 1 to 1000"),
        Case(["generate", "p", "--prompt", "a", "--seed", "-1"], "is -1, expected 0 to"),
        Case(["generate", "p", "--prompt", "a", "--seed", "99999999999999999999"], "is invalid"),
        Case(["generate", "p", "--prompt", "a", "--guidance", "much"], "'much' is invalid"),
        Case(["generate", "p", "--prompt", String(repeating: "a", count: 70_000)], "at most 65536"),
        Case(["convert"], "<checkpoint>"),
        Case(["inspect"], "<pack>"),
        Case(["verify"], "<pack>"),
        Case(["bench", "model", "--preset", "sana-9b"], "sana-sprint-0.6b, sana-sprint-1.6b, reference"),
        Case(["bench", "model", "--only", "encoder"], "text, transformer, decoder, load"),
        Case(["bench", "model", "--repeats", "0"], "is 0, expected 1 to 1000"),
        Case(["bench", "model", "--threads", "0"], "is 0, expected 1 to 256"),
        Case(["bench", "model", "--width", "1000"], "1000x1024 pixels, expected multiples of 32"),
        Case(["bench", "model", "--height", "-32"], "1024x-32 pixels, expected multiples of 32"),
        Case(["bench", "kernels", "--threads", "257"], "is 257, expected 1 to 256"),
        Case(["bench", "kernels", "--only", "attention"], "the kinds are gemm and convolution"),
        Case(["bench", "kernels", "--shape", "1024x3456"], "No product of Sana is \"1024x3456\""),
        Case(
            ["bench", "kernels", "--only", "convolution", "--shape", "1024x3456x1152"],
            "No convolution product of Sana is"),
    ]

    @Test(arguments: cases)
    func whatCannotBeMeantIsAUsageError(_ usage: Case) throws {
        let ending = try Tool.run(usage.arguments)
        #expect(ending.status == 64)
        #expect(ending.output == "")
        #expect(ending.messages.contains(usage.words), "\(ending.messages)")
        let lines = ending.messageLines
        #expect(lines.first?.hasPrefix("sana-quant: ") == true)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  See 'sana-quant") } && lines.count <= 2)
    }

    @Test func anArgumentThatIsNotUTF8IsRefusedByItsPlace() throws {
        let script = "exec \"$0\" generate pack.sanaq --prompt \"$(printf 'caf\\351')\""
        let ending = try ChildProcess("/bin/sh", ["-c", script, Tool.path]).wait()
        #expect(ending.status == 64)
        #expect(ending.messages.contains("Argument 4 is not UTF-8"))
    }

    @Test(arguments: ["sse2", "AVX2", ""]) func anUnknownTierIsAUsageError(tier: String) throws {
        let ending = try Tool.run(["generate", "p", "--prompt", "a"], environment: ["QK_TIER": tier])
        #expect(ending.status == 64)
        #expect(ending.messageLines.count == 1)
        #expect(ending.messages.contains("QK_TIER"))
    }

    @Test func aResultThatCannotBePrintedIsAnInputOutputError() throws {
        let ending = try ChildProcess("/bin/sh", ["-c", "exec \"$0\" --version > /dev/full", Tool.path])
            .wait()
        #expect(ending.status == 74)
        #expect(ending.messages.contains("standard output"))
    }

    @Test func whatTheCommandLineSaysObeysNoTerminal() throws {
        let ending = try Tool.run(["generate", "p", "--prompt", "a", "--seed", "\u{1B}[31m1"])
        #expect(ending.status == 64)
        #expect(!ending.messages.unicodeScalars.contains("\u{1B}"))
        #expect(ending.messageLines.first?.hasSuffix(".") == true)
    }

    @Test func aClosedPipeEndsTheRunWithoutASignal() throws {
        let script = "{ sleep 0.3; \"$0\" --help; echo $? >&2; } | true"
        let ending = try ChildProcess("/bin/sh", ["-c", script, Tool.path]).wait()
        #expect(ending.messageLines.last == "74")
    }
}
