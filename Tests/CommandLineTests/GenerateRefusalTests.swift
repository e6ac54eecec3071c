import Foundation
import SanaModel
import TestSupport
import Testing

/// What `generate` refuses ends with one sentence and its exit code, before any computing, and leaves nothing.
@Suite struct GenerateRefusalTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func expectRefusal(
        _ arguments: [String], pack: String = Shared.pack, input: [UInt8] = [],
        status: Int32, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try folder.names
        let ending = try Tool.run(["generate", pack] + arguments, input: input, folder: folder.path)
        #expect(ending.status == status, "\(ending.messages)", sourceLocation: sourceLocation)
        #expect(!ending.isKilled && ending.output == "", sourceLocation: sourceLocation)
        #expect(ending.messageLines.count == 1, "\(ending.messages)", sourceLocation: sourceLocation)
        #expect(ending.lastMessage.hasPrefix("sana-quant: "), sourceLocation: sourceLocation)
        #expect(ending.messages.contains(words), "\(ending.messages)", sourceLocation: sourceLocation)
        #expect(try folder.names == before, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        (["--width", "0"], "width is 0 pixels, expected 1 to"),
        (["--height", "-32"], "height is -32 pixels, expected 1 to"),
        (["--width", "1000000000"], "width is 1000000000 pixels"),
        (["--height", "1000000000", "--no-binning"], "height is 1000000000 pixels"),
        (["--width", "100", "--no-binning"], "multiples of 32"),
        (["--steps", "0"], "steps is 0, expected 1 to 1000"),
        (["--steps", "1000000"], "steps is 1000000, expected 1 to 1000"),
        (["--guidance", "nan"], "guidance is nan"),
        (["--guidance", "inf"], "guidance is inf"),
        (["--guidance", "-1"], "guidance is -1"),
    ]) func whatIsOutOfRangeIsAUsageError(arguments: [String], words: String) throws {
        try expectRefusal(["--prompt", "a"] + arguments, status: 64, words)
    }

    @Test func morePicturesThanARunKeepsTrackOfAreAUsageError() throws {
        let prompts = Array(String(repeating: "a\n", count: 101).utf8)
        try expectRefusal(
            ["--prompts", "-", "--count", "1000"], input: prompts, status: 64,
            "1000 x 101 prompts are 101000 pictures, expected at most 100000")
    }

    @Test func morePromptsThanAFileMayHoldAreRefused() throws {
        let prompts = Array(String(repeating: "a\n", count: 1_000_001).utf8)
        try expectRefusal(
            ["--prompts", "-"], input: prompts, status: 65, "holds more than 1000000 prompts")
    }

    @Test func theOutputMustNotBeThePack() throws {
        let pack = try folder.write(readWholeFile(Shared.pack, limit: 1 << 30), to: "pack.sanaq")
        let other = folder.path("other")
        try FileManager.default.linkItem(atPath: pack, toPath: other)
        for output in ["pack.sanaq", "./pack.sanaq", other] {
            try expectRefusal(quick + ["-o", output], pack: "pack.sanaq", status: 64, "is the input")
        }
        try expectRefusal(quick + ["--save-latents", pack], pack: "pack.sanaq", status: 64, "is the input")
        #expect(try folder.read("pack.sanaq") == readWholeFile(Shared.pack, limit: 1 << 30))
    }

    @Test func twoOutputsOfOneNameAreAUsageError() throws {
        for other in ["x", "./x", folder.path("x")] {
            try expectRefusal(quick + ["-o", "x", "--save-latents", other], status: 64, "Two outputs")
        }
    }

    @Test(arguments: ["missing/image.png", "/sys/image.png", "/dev/null", ".", "/dev/full"])
    func anOutputThatCannotBeCreatedIsNoticedFirst(output: String) throws {
        try expectRefusal(quick + ["-o", output], status: 73, "cannot be")
    }

    @Test func aPackThatIsNoPackIsRefused() throws {
        try folder.write("text".utf8, to: "text")
        try folder.write([], to: "empty")
        try folder.write(readWholeFile(Shared.pack, limit: 1 << 30).dropLast(), to: "cut")
        for pack in ["text", "empty", "cut", "/", "/dev/zero"] {
            try expectRefusal(quick, pack: pack, status: 65, pack)
        }
        try expectRefusal(quick, pack: "missing", status: 66, "missing")
        try expectRefusal(quick, pack: "text/pack", status: 66, "text/pack")
    }

    @Test func aPipeIsNoPackAndIsNotWaitedFor() throws {
        let code = unsafe mkfifo(folder.path("pipe"), 0o600)
        #expect(code == 0)
        try expectRefusal(quick, pack: "pipe", status: 65, "a pipe")
    }

    @Test func damageThatIsFoundWhileDrawingLeavesNoPicture() throws {
        var bytes = try readWholeFile(Shared.pack, limit: 1 << 30)
        // In the component that is read first.
        bytes[bytes.count / 8] ^= 0x10
        try folder.write(bytes, to: "damaged")
        try expectRefusal(quick, pack: "damaged", status: 65, "damaged")
    }

    // MARK: Prompts

    @Test(arguments: [
        ("a\nb\0c\n", "line 2: the prompt contains a NUL"),
        ("\n# nothing\n", "holds no prompt"),
        ("", "holds no prompt"),
        (#"{"prompt":"a"}"# + "\nb", "line 2: expected a JSON object"),
        (#"{"prompt":"a","seeds":1}"#, "line 1: the member \"seeds\" is unknown"),
        (#"{"negative":"a"}"#, "line 1: the object has no \"prompt\""),
        (#"{"prompt":1}"#, "line 1: \"prompt\" must be a string"),
        (#"{"prompt":"a","seed":-1}"#, "line 1: \"seed\" must be an integer"),
        (#"{"prompt":"a","seed":1.5}"#, "line 1: \"seed\" must be an integer"),
        (#"{"prompt":"a\u0000"}"#, "line 1: \"prompt\" contains a NUL"),
        (#"{"prompt":"a"#, "line 1"),
        (
            "\n" + String(repeating: "a", count: 10_000_000),
            "line 2: the prompt has 10000000 bytes, at most 65536"
        ),
    ]) func aPromptsFileThatIsNoneIsRefusedByItsLine(text: String, words: String) throws {
        try folder.write(text.utf8, to: "prompts")
        try expectRefusal(["--prompts", "prompts"], status: 65, words)
        try expectRefusal(["--prompts", "-"], input: Array(text.utf8), status: 65, words)
    }

    @Test(arguments: [[0xFF], [0] as [UInt8]])
    func aCommentInAPromptsFileIsTextToo(bytes: [UInt8]) throws {
        try expectRefusal(
            ["--prompts", "-"], input: Array("a\n# ".utf8) + bytes, status: 65, "line 2: the comment")
    }

    /// Without these addresses OpenBLAS would ask for them without end.
    @Test func tooFewAddressesAreRefused() throws {
        try expectTooFewAddresses(["generate", Shared.pack] + quick, 500_000)
    }

    /// What a thread leaves is too little for a model.
    @Test func addressesThatAModelDoesNotFitAreRefused() throws {
        try expectTooFewAddresses(
            ["generate", Shared.pack, "--threads", "1"] + quick, 600_000, "The text encoder needs at least")
        try folder.write("a red ring".utf8, to: "prompts.txt")
        try expectTooFewAddresses(
            [
                "check", "--images", "a", "--against-images", "b", "--prompts", "prompts.txt", "--clip",
                "\(Fixtures.referenceModel)/clip", "--threads", "1",
            ], 600_000, "The CLIP in")
    }

    /// - Parameter limit: in the shell's units of 1024 addresses.
    private func expectTooFewAddresses(
        _ arguments: [String], _ limit: Int, _ words: String = "ulimit -v",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try folder.names
        let ending = try ChildProcess(
            "/bin/sh", ["-c", "ulimit -v \(limit); exec \"$0\" \"$@\"", Tool.path] + arguments,
            workingFolder: folder.path
        ).wait(seconds: 60)
        #expect(
            ending.status == 64 && !ending.isKilled, "\(ending.messages)", sourceLocation: sourceLocation)
        #expect(
            ending.messageLines.count == 1 && ending.messages.contains("ulimit -v"),
            sourceLocation: sourceLocation)
        #expect(ending.messages.contains(words), "\(ending.messages)", sourceLocation: sourceLocation)
        #expect(try folder.names == before, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        ["convert", Fixtures.referenceModel, "-o", "pack.sanaq"], ["bench", "kernels", "--only", "gemm"],
        ["check", "--images", "a", "--against-images", "b", "--clip", "c", "--prompts", "p"],
        ["calibrate", "pack.sanaq", "--prompts", "p", "-o", "c"],
    ])
    func tooFewAddressesAreRefusedByEachCommandThatComputes(arguments: [String]) throws {
        try expectTooFewAddresses(arguments, 500_000)
    }

    @Test func promptsThatAreNotUTF8AreRefusedByTheirLine() throws {
        try expectRefusal(
            ["--prompts", "-"], input: Array("a\nb\n".utf8) + [0xFF], status: 65,
            "line 3: the prompt is not UTF-8")
    }

    @Test func aMissingPromptsFileIsAMissingInput() throws {
        try expectRefusal(["--prompts", "missing"], status: 66, "missing")
        try expectRefusal(quick + ["--latents", "missing"], status: 66, "missing")
    }
}
