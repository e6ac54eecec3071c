import Foundation
import SanaModel
import TestSupport
import Testing

/// The reference model at 16 bits, for all tests that measure it.
private enum Reference {
    static let folder = Result { try TemporaryFolder() }

    static let pack = Result {
        let path = try folder.get().path("fp16.sanaq")
        let ending = try Tool.run(["convert", Fixtures.referenceModel, "-o", path, "--policy", "fp16"])
        try #require(ending.status == 0, "\(ending.messages)")
        return path
    }
}

@Suite struct CalibrateTests {
    private let folder: TemporaryFolder
    /// Small and quick.
    private let drawing = ["--no-binning", "--width", "128", "--height", "128", "--steps", "1"]
    /// Enough to do a model good.
    private let careful = ["--no-binning", "--width", "256", "--height", "256", "--steps", "4"]

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("a red ring\na blue cube on a table\n".utf8, to: "prompts.txt")
        try folder.write(
            #"{"captions": ["a red ring", "a ring"], "scores": [28, 26]}"#.utf8, to: "scenes.jsonl")
        try folder.write(#"{"captions": ["a red ring", "a ring"]}"#.utf8, to: "unscored.jsonl")
    }

    private func calibrate(_ arguments: String...) throws -> ChildProcess.Ending {
        try Tool.run(
            ["calibrate", try Reference.pack.get()] + arguments + drawing, folder: folder.path)
    }

    @Test func aCalibrationGoesIntoAPack() throws {
        let measured = try Tool.run(
            [
                "calibrate", try Reference.pack.get(), "--prompts", "prompts.txt", "-o", "c.safetensors",
                "--json",
            ]
                + careful, folder: folder.path)
        #expect(measured.status == 0, "\(measured.messages)")
        let json = try JSON.parse(Array(measured.output.utf8), name: "output")
        #expect(json["prompts"] == 2 && json["steps"] == 4)
        #expect(json["bytes"]?.intValue == (try folder.read("c.safetensors").count))

        let converted = try Tool.run(
            [
                "convert", Fixtures.referenceModel, "-o", "pack.sanaq", "--calibration", "c.safetensors",
                "--json",
            ], folder: folder.path)
        #expect(converted.status == 0, "\(converted.messages)")
        let tried = converted.messages.split(separator: "\n").filter {
            $0.hasPrefix("Trying the calibration") && !$0.hasSuffix("left")
        }
        #expect(tried.count == 1, "\(converted.messages)")
        let report = try JSON.parse(Array(converted.output.utf8), name: "output")
        #expect(report["calibration"] == "c.safetensors" && report["notes"] == [])
        let judgement = try #require(report["judgement"]?.arrayValue)
        #expect(judgement.map { $0["component"] } == ["text_encoder", "transformer", "vae"])
        for verdict in judgement {
            let plain = try #require(verdict["plain"]?.doubleValue)
            #expect(verdict["kept"] == true && verdict["calibrated"]?.doubleValue ?? 0 > plain)
        }
        let inspected = try Tool.run(["inspect", "pack.sanaq", "--tensors"], folder: folder.path)
        #expect(inspected.output.contains("policy       edge, calibrated"))
        #expect(inspected.output.contains(".input_factors"))
        #expect(try Tool.run(["verify", "pack.sanaq"], folder: folder.path).status == 0)
    }

    /// What was measured of other weights says so in both places.
    @Test func aCalibrationThatIsNotTakenIsToldOf() throws {
        #expect(try calibrate("--prompts", "prompts.txt", "-o", "c.safetensors").status == 0)
        let arguments = [
            "convert", Fixtures.referenceModel, "-o", "pack.sanaq", "--overwrite", "--calibration",
            "c.safetensors", "--lora", Fixtures.path("adapters/peft"),
        ]
        let ending = try Tool.run(arguments, folder: folder.path)
        #expect(ending.status == 0)
        #expect(ending.messages.contains("was measured on other weights"), "\(ending.messages)")
        let json = try Tool.run(arguments + ["--json"], folder: folder.path)
        let notes = try JSON.parse(Array(json.output.utf8), name: "output")["notes"]?.arrayValue
        let note = try #require(notes?.first?.stringValue)
        #expect(notes?.count == 1 && ending.messages.contains(note))
        let inspected = try Tool.run(["inspect", "pack.sanaq"], folder: folder.path)
        #expect(!inspected.output.contains("calibrated"))
    }

    @Test func captionsAreDrawnByTheirScores() throws {
        let ending = try calibrate("--captions", "scenes.jsonl", "-o", "c.safetensors")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(ending.output.contains("1 prompt"))
        let unscored = try calibrate("--captions", "unscored.jsonl", "-o", "d.safetensors")
        #expect(unscored.status == 65, "\(unscored.messages)")
        #expect(try !folder.names.contains("d.safetensors"))
    }

    @Test func clipScoresCaptions() throws {
        let clip = "\(Fixtures.referenceModel)/clip"
        let drawn = try Tool.run(
            [
                "generate", try Reference.pack.get(), "--prompt", "a red ring", "--seed", "3", "-o",
                "scene.png",
            ], folder: folder.path)
        try #require(drawn.status == 0, "\(drawn.messages)")
        try folder.write(
            #"{"captions": ["a blue cube on a table", "a red ring"], "image": "scene.png"}"#.utf8,
            to: "pictured.jsonl")
        try folder.write("a red ring\n".utf8, to: "fitting.txt")
        let ending = try calibrate(
            "--captions", "pictured.jsonl", "--clip", clip, "--temperature", "0.05", "-o", "c.safetensors")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try calibrate("--prompts", "fitting.txt", "-o", "d.safetensors").status == 0)
        // The one that fits is drawn.
        #expect(try folder.read("c.safetensors") == folder.read("d.safetensors"))
    }

    @Test func aBudgetMayBeASimilarity() throws {
        let clip = "\(Fixtures.referenceModel)/clip"
        let ending = try calibrate(
            "--prompts", "prompts.txt", "--limit", "1", "--sensitivity", "--clip", clip, "--budget", "0.99",
            "-o",
            "policy.yaml", "--json")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        let layers = try #require(json["layers"]?.arrayValue)
        #expect(layers.allSatisfy { ($0["similarity"]?.doubleValue ?? 2) <= 1 })
        let chosen = try #require(json["chosen"]?["similarity"]?.doubleValue)
        #expect(ending.status == 0 && chosen >= 0.99, "\(chosen) \(ending.messages)")
    }

    /// The pack that comes of the policy has the bytes that the study said it would.
    @Test func aBudgetOfBytesGivesAPolicyThatConverts() throws {
        let ending = try calibrate(
            "--prompts", "prompts.txt", "--limit", "1", "--sensitivity", "--budget", "14M", "-o",
            "policy.yaml",
            "--report", "report", "--json")
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(Array(ending.output.utf8), name: "output")
        #expect(try #require(json["layers"]?.arrayValue).count > 150)
        let bytes = try #require(json["chosen"]?["bytes"]?.intValue)
        #expect(bytes <= 14_000_000 && bytes > 13_000_000)
        let page = String(decoding: try folder.read("report/index.html"), as: UTF8.self)
        #expect(page.contains("<svg") && page.contains("attn1.to_q"))
        // Nothing comes from outside, and nothing is a script.
        #expect(page.contains("default-src 'none'") && !page.contains("http:") && !page.contains("<script"))
        #expect(try folder.read("report/sensitivity.json") == Array(ending.output.utf8.dropLast()))

        let converted = try Tool.run(
            ["convert", Fixtures.referenceModel, "-o", "pack.sanaq", "--policy", "policy.yaml"],
            folder: folder.path)
        #expect(converted.status == 0, "\(converted.messages)")
        let found = try folder.read("pack.sanaq").count
        #expect(abs(found - bytes) < 50_000, "\(found) of \(bytes) bytes")
    }

    @Test(arguments: [
        ["-o", "c"], ["--prompts", "prompts.txt"],
        ["--prompts", "prompts.txt", "--captions", "scenes.jsonl", "-o", "c"],
        ["--prompts", "prompts.txt", "-o", "c", "--limit", "0"],
        ["--prompts", "prompts.txt", "-o", "c", "--budget", "14M"],
        ["--prompts", "prompts.txt", "-o", "c", "--report", "r"],
        ["--prompts", "prompts.txt", "-o", "c", "--sensitivity"],
        ["--prompts", "prompts.txt", "--sensitivity", "--budget", "14M"],
        ["--prompts", "prompts.txt", "-o", "c", "--sensitivity", "--budget", "much"],
        ["--captions", "scenes.jsonl", "-o", "c", "--temperature", "0"],
        ["--prompts", "prompts.txt", "-o", "c", "--clip", "clip"],
        ["--prompts", "prompts.txt", "-o", "c", "--sensitivity", "--budget", "0.999"],
        ["--prompts", "prompts.txt", "-o", "prompts.txt"],
    ])
    func whatCannotBeDoneIsAUsageError(arguments: [String]) throws {
        let ending = try Tool.run(["calibrate", try Reference.pack.get()] + arguments, folder: folder.path)
        #expect(ending.status == 64, "\(ending.messages)")
        #expect(ending.output == "")
        #expect(try folder.names == ["prompts.txt", "scenes.jsonl", "unscored.jsonl"])
    }

    @Test func noInputIsWrittenOver() throws {
        let clip = "\(Fixtures.referenceModel)/clip"
        try FileManager.default.copyItem(atPath: clip, toPath: folder.path("clip"))
        try FileManager.default.createDirectory(
            atPath: folder.path("r"), withIntermediateDirectories: true)
        let text = Array("a red ring".utf8)
        for name in ["r/index.html", "scene.png"] { try folder.write(text, to: name) }
        try folder.write(
            #"{"captions": ["a blue cube", "a red ring"], "image": "scene.png"}"#.utf8, to: "pictured.jsonl")
        for arguments in [
            ["--captions", "pictured.jsonl", "--clip", "clip", "-o", "clip/config.json"],
            ["--captions", "pictured.jsonl", "--clip", "clip", "-o", "scene.png"],
            ["--prompts", "r/index.html", "--sensitivity", "--report", "r"],
        ] {
            let ending = try Tool.run(
                ["calibrate", try Reference.pack.get()] + arguments, folder: folder.path)
            #expect(
                ending.status == 64 && ending.messages.contains("is the input"), "\(ending.messages)")
        }
        for name in ["r/index.html", "scene.png"] { #expect(try folder.read(name) == text) }
        #expect(try folder.read("clip/config.json") == readWholeFile("\(clip)/config.json", limit: 1 << 20))
    }

    @Test func int8PacksAreNoReference() throws {
        for arguments in [["-o", "c"], ["--sensitivity"]] {
            let ending = try Tool.run(
                ["calibrate", Shared.pack, "--prompts", "prompts.txt"] + arguments, folder: folder.path)
            #expect(ending.status == 65, "\(ending.messages)")
            #expect(ending.messages.contains("--policy fp16"))
        }
        let missing = try Tool.run(
            ["calibrate", "missing.sanaq", "--prompts", "prompts.txt", "-o", "c"], folder: folder.path)
        #expect(missing.status == 66)
    }

    @Test func aCalibrationThatIsNoneIsRefused() throws {
        for (name, status) in [("missing", 66), ("prompts.txt", 65)] as [(String, Int32)] {
            let ending = try Tool.run(
                ["convert", Fixtures.referenceModel, "-o", "pack.sanaq", "--calibration", name],
                folder: folder.path)
            #expect(ending.status == status, "\(ending.messages)")
        }
        #expect(try !folder.names.contains("pack.sanaq"))
    }
}
