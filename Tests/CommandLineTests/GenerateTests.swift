import SanaEdge
import SanaModel
import TestSupport
import Testing

@Suite struct GenerateTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func generate(
        _ arguments: [String], input: [UInt8] = [], tier: String? = nil
    ) throws -> ChildProcess.Ending {
        try Tool.run(
            ["generate", Shared.pack] + arguments, input: input,
            environment: tier.map { ["QK_TIER": $0] } ?? [:], folder: folder.path)
    }

    @Test func aPictureIsWrittenAndItsNamePrinted() throws {
        let ending = try generate(["--prompt", "a red circle", "--steps", "1"])
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(ending.output == "image.png\n")
        #expect(try folder.names == ["image.png"])
        let picture = try folder.picture("image.png")
        #expect(picture.width == 512 && picture.height == 512)
    }

    @Test func anEmptyValueIsOneHoweverItIsWritten() throws {
        for (value, name) in [([], "a"), (["--negative-prompt="], "b"), (["--negative-prompt", ""], "c")] {
            #expect(try generate(quick + value + ["-o", name]).status == 0)
        }
        let picture = try folder.read("a")
        #expect(try folder.read("b") == picture && folder.read("c") == picture)
    }

    @Test(arguments: Tier.available.map(\.name)) func aPictureDoesNotDependOnTheThreads(tier: String) throws {
        let size = ["--no-binning", "--width", "160", "--height", "96", "--steps", "2"]
        let files = try [1, 2, 3].map { threads in
            let ending = try generate(
                ["--prompt", "a red circle", "--threads", "\(threads)", "-o", "\(threads).png"] + size,
                tier: tier)
            #expect(ending.status == 0, "\(ending.messages)")
            return try folder.read("\(threads).png")
        }
        #expect(files[1] == files[0] && files[2] == files[0])
        // From one tier to the next sums in floating point may differ in the last bit.
        #expect(try generate(["--prompt", "a red circle"] + size).status == 0)
        #expect(try folder.picture("image.png").psnr(folder.picture("1.png")) > 45)
    }

    /// The first file that a program opens takes the number of a stream that is closed.
    @Test(arguments: [("0<&- 2>&-", Int32(0)), ("0<&- 1>&- 2>&-", 74)])
    func messagesOfClosedStreamsGoIntoNoFile(closed: String, status: Int32) throws {
        let ending = try ChildProcess(
            "/bin/sh", ["-c", "exec \"$0\" \"$@\" \(closed)", Tool.path, "generate", Shared.pack] + quick,
            workingFolder: folder.path
        ).wait()
        #expect(ending.status == status)
        #expect(try folder.picture("image.png").width == 128)
    }

    @Test func jsonIsOneObject() throws {
        let ending = try generate(quick + ["--json", "--count", "2", "--seed", "5", "--threads", "1"])
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        #expect(
            json["images"]?.arrayValue?.map { $0["path"]?.stringValue } == ["image-0.png", "image-1.png"])
        #expect(json["images"]?.arrayValue?.map { $0["seed"]?.intValue } == [5, 6])
        #expect(json["width"] == 128 && json["height"] == 128 && json["steps"] == 1 && json["threads"] == 1)
        #expect(json["guidance"]?.doubleValue == 4.5)
        #expect(json["tier"]?.stringValue.map { name in Tier.available.contains { $0.name == name } } == true)
        #expect(json["stepSeconds"]?.arrayValue?.count == 2)
        #expect(try #require(json["peakMemoryBytes"]?.intValue) > 1 << 20)
        let stages = try ["load", "text", "denoise", "decode"].map {
            try #require(json["seconds"]?[$0]?.doubleValue)
        }
        let total = try #require(json["seconds"]?["total"]?.doubleValue)
        #expect(stages.allSatisfy { $0 >= 0 } && stages.reduce(0, +) <= total + 0.001)
    }

    @Test func aPictureTellsHowItWasMade() throws {
        let ending = try generate(["--prompt", "ein Schaf, 羊", "--seed", "7"] + quick.dropFirst(2))
        #expect(ending.status == 0, "\(ending.messages)")
        let file = String(decoding: try folder.read("image.png"), as: UTF8.self)
        for text in [
            "Prompt\0\0\0\0\0ein Schaf, 羊", "Seed\07", "Steps\01", "Guidance\04.5", "Software\0sana-quant",
        ] {
            #expect(file.contains(text))
        }
    }

    @Test func aPromptsFileMakesAPictureALine() throws {
        try folder.write("# two\n\n  a red circle  \r\na blue star\n".utf8, to: "prompts.txt")
        let ending = try generate(["--prompts", "prompts.txt"] + quick.dropFirst(2))
        #expect(ending.output == "image-0.png\nimage-1.png\n")
        #expect(try generate(quick + ["-o", "one.png"]).status == 0)
        #expect(try folder.picture("one.png") == folder.picture("image-0.png"))
        #expect(try folder.picture("image-1.png") != folder.picture("image-0.png"))
    }

    @Test func jsonLinesFromStandardInputNameTheirSeeds() throws {
        let lines = #"""
            {"prompt": "a red circle", "seed": 3}
            # a comment
            {"prompt": "a red circle", "negative": "blue"}
            """#
        let ending = try generate(
            ["--prompts", "-", "--seed", "10", "--json"] + quick.dropFirst(2), input: Array(lines.utf8))
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        #expect(json["images"]?.arrayValue?.map { $0["seed"]?.intValue } == [3, 11])
    }

    @Test func savedNoiseGivesTheSamePicture() throws {
        #expect(try generate(quick + ["--seed", "4", "--save-latents", "noise.safetensors"]).status == 0)
        #expect(try generate(quick + ["--latents", "noise.safetensors", "-o", "again.png"]).status == 0)
        #expect(try folder.picture("again.png") == folder.picture("image.png"))
        #expect(try generate(quick + ["-o", "other.png"]).status == 0)
        #expect(try folder.picture("other.png") != folder.picture("image.png"))
    }

    @Test func noiseOfAnotherShapeIsRefused() throws {
        #expect(try generate(quick + ["--save-latents", "noise.safetensors"]).status == 0)
        let ending = try generate(["--prompt", "a", "--latents", "noise.safetensors"])
        #expect(ending.status == 65)
        #expect(ending.messages.contains("shape [1, 32, 4, 4], expected [1, 32, 16, 16]"))
    }

    @Test(arguments: [
        (
            #"{"latents":{"dtype":"F16","shape":[1,32,4,4],"data_offsets":[0,1024]}}"#, 1024,
            "F16, expected F32"
        ),
        (
            #"{"noise":{"dtype":"F32","shape":[1,32,4,4],"data_offsets":[0,2048]}}"#, 2048,
            "one tensor \"latents\""
        ),
        (
            #"{"latents":{"dtype":"F32","shape":[1,32,4,4],"data_offsets":[0,2048]}}"#, 2000,
            "noise.safetensors"
        ),
    ]) func aNoiseFileThatLiesIsRefused(header: String, size: Int, words: String) throws {
        var bytes = [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7) + Array(header.utf8)
        bytes += [UInt8](repeating: 0, count: size)
        try folder.write(bytes, to: "noise.safetensors")
        let ending = try generate(quick + ["--latents", "noise.safetensors"])
        #expect(ending.status == 65)
        #expect(ending.messages.contains(words), "\(ending.messages)")
    }

    @Test func noiseThatIsNotFiniteIsRefused() throws {
        #expect(try generate(quick + ["--save-latents", "noise.safetensors"]).status == 0)
        var bytes = try folder.read("noise.safetensors")
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
        try folder.write(bytes, to: "noise.safetensors")
        let ending = try generate(quick + ["--latents", "noise.safetensors"])
        #expect(ending.status == 65)
        #expect(ending.messages.contains("not finite"))
    }
}
