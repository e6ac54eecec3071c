import Foundation
import SanaModel
import TestSupport
import Testing

@Suite struct CheckTests {
    private let folder: TemporaryFolder
    private static let clip = "\(Fixtures.referenceModel)/clip"
    private static let small = ["--no-binning", "--width", "128", "--height", "128", "--steps", "2"]
    private static let lines = [
        "# comment", "a red circle", "a large blue star", "", "a green moon", "a small black heart",
        "a pink ring",
        "a white cross",
    ]
    private static let reference = convert("fp16")
    private static let shared = try? TemporaryFolder()

    private static func convert(_ policy: String) -> String {
        let path = shared?.path("\(policy).sanaq") ?? ""
        atexit { try? FileManager.default.removeItem(atPath: CheckTests.shared?.path ?? "") }
        _ = try? Tool.run(["convert", Fixtures.referenceModel, "-o", path, "--policy", policy])
        return path
    }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Self.lines.joined(separator: "\n").utf8, to: "prompts.txt")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("edge.sanaq"), withDestinationPath: Shared.pack)
    }

    private func arguments(_ more: [String] = []) -> [String] {
        ["check", "edge.sanaq", "--against", Self.reference, "--clip", Self.clip, "--prompts", "prompts.txt"]
            + Self.small + more
    }

    private func check(_ more: [String] = []) throws -> ChildProcess.Ending {
        try Tool.run(arguments(more), folder: folder.path)
    }

    private func json(_ ending: ChildProcess.Ending) throws -> JSON {
        try JSON.parse(Array(ending.output.utf8), name: "output")
    }

    /// What does not depend on how the work was cut.
    private func figures(_ json: JSON) -> [JSON?] {
        ["prompts", "mean", "interval", "percentile5", "worst", "passed"].map { json[$0] }
    }

    @Test func jsonIsOneObjectWithTheFiguresOfEachPrompt() throws {
        let ending = try check(["--json", "--seed", "7"])
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try json(ending)
        let prompts = try #require(json["prompts"]?.arrayValue)
        #expect(prompts.map { $0["prompt"]?.stringValue } == Self.lines.filter { $0.hasPrefix("a ") })
        #expect(prompts.map { $0["seed"]?.intValue } == [7, 8, 9, 10, 11, 12])
        let names = ["similarity", "scoreReference", "scoreCandidate", "drop", "psnr", "ssim"]
        for name in names {
            let values = prompts.compactMap { $0[name]?.doubleValue }
            #expect(values.count == 6)
            let mean = try #require(json["mean"]?[name]?.doubleValue)
            #expect(abs(mean - values.reduce(0, +) / 6) < 1e-9)
            let worst = name == "drop" ? values.max() : values.min()
            #expect(json["worst"]?[name]?.doubleValue == worst)
            #expect(json["percentile5"]?[name]?.doubleValue != nil)
        }
        #expect(json["passed"] == true)
        #expect(json["settings"]?["steps"] == 2 && json["candidate"]?["policy"] == "edge")
        // The record of finished prompts goes with the run.
        #expect(try folder.names == ["edge.sanaq", "prompts.txt"])
    }

    @Test func aGateThatIsNotMetEndsWithTwoAndNamesFigureAndPrompt() throws {
        let ending = try check(["--min-similarity", "1", "--max-score-drop", "-50", "--json"])
        #expect(ending.status == 2)
        let json = try json(ending)
        #expect(json["passed"] == false)
        let worst = try #require(json["worst"]?["prompt"]?.stringValue)
        for words in ["--min-similarity", "--max-score-drop", "CLIP similarity", "\"\(worst)\""] {
            #expect(ending.messages.contains(words), "\(ending.messages)")
        }
        #expect(try check(["--min-worst-similarity", "0.2", "--max-score-drop", "90"]).status == 0)
    }

    @Test func shardsMergeIntoTheWhole() throws {
        let whole = try json(try check(["--json"]))
        for shard in ["1/4", "2/4", "3/4", "4/4"] {
            let ending = try check(["--shard", shard])
            #expect(ending.status == 0, "\(ending.messages)")
        }
        let files = (1...4).map { "edge.sanaq.check-\($0)-of-4.jsonl" }
        let merged = try Tool.run(["check", "merge"] + files.reversed() + ["--json"], folder: folder.path)
        #expect(merged.status == 0, "\(merged.messages)")
        #expect(figures(try json(merged)) == figures(whole))
        let gated = try Tool.run(
            ["check", "merge"] + files + ["--min-similarity", "1"], folder: folder.path)
        #expect(gated.status == 2 && gated.messages.contains("--min-similarity"))

        let missing = try Tool.run(["check", "merge"] + files.dropFirst(), folder: folder.path)
        #expect(missing.status == 65 && missing.messages.contains("missing: 1"), "\(missing.messages)")
        let twice = try Tool.run(["check", "merge", files[0], files[0]], folder: folder.path)
        #expect(twice.status == 65)
        var lines = try folder.read(files[0]).split(separator: 0x0A)
        lines.removeLast()
        try folder.write(lines.joined(separator: [0x0A]) + [0x0A], to: "unfinished")
        let unfinished = try Tool.run(
            ["check", "merge", "unfinished"] + files.dropFirst(), folder: folder.path)
        #expect(
            unfinished.status == 65 && unfinished.messages.contains("1 of its 2"), "\(unfinished.messages)")
        for (old, new) in [
            (#"("similarity":)[-0-9.e]+"#, "$15"), (#"("psnr":)[-0-9.e]+"#, "$11e300"),
            (#"("drop":)[-0-9.e]+"#, "$13"), (#"("seed":)[0-9]+"#, "$19"), (#"("prompt":")"#, "$1no "),
        ] {
            let text = String(decoding: try folder.read(files[0]), as: UTF8.self)
            let changed = text.replacingOccurrences(of: old, with: new, options: .regularExpression)
            try #require(changed != text)
            try folder.write(changed.utf8, to: "changed")
            let ending = try Tool.run(
                ["check", "merge", "changed"] + files.dropFirst() + ["--report", "page"], folder: folder.path)
            #expect(ending.status == 65 && ending.messageLines.count == 1, "\(new): \(ending.messages)")
        }
        #expect(try Tool.run(["check", "merge", "prompts.txt"], folder: folder.path).status == 65)
        #expect(try Tool.run(["check", "merge", "nothing"], folder: folder.path).status == 66)
    }

    @Test func aRunThatWasKilledGoesOn() throws {
        // Long enough to be killed in the middle.
        let longer = ["--width", "256", "--height", "256", "--steps", "10", "--threads", "1"]
        let whole = try json(try check(longer + ["--json"]))
        let state = "edge.sanaq.check.jsonl"
        let process = try Tool.start(arguments(longer), folder: folder.path)
        let end = ContinuousClock.now + .seconds(120)
        while process.isRunning, ContinuousClock.now < end {
            let lines = (try? folder.read(state))?.count { $0 == 0x0A } ?? 0
            if lines >= 2 { break }
            usleep(1000)
        }
        process.send(signal: SIGKILL)
        #expect(try process.wait().isKilled)
        // Half a line, as a kill may leave it.
        try folder.write(folder.read(state) + "{\"index\":".utf8, to: state)
        let resumed = try check(longer + ["--json"])
        #expect(resumed.status == 0, "\(resumed.messages)")
        #expect(resumed.messages.contains("Goes on from"), "\(resumed.messages)")
        #expect(figures(try json(resumed)) == figures(whole))
        #expect(try folder.names == ["edge.sanaq", "prompts.txt"])
    }

    @Test func aRecordOfAnotherCheckIsRefusedWhereItWasNamed() throws {
        #expect(try check(["--state", "state", "--shard", "1/6"]).status == 0)
        let again = try check(["--state", "state", "--shard", "1/6"])
        #expect(again.status == 0 && again.messages.contains("Goes on from 1"), "\(again.messages)")
        for (more, words) in [
            (["--seed", "9", "--shard", "1/6"], "seed"), (["--steps", "1", "--shard", "1/6"], "steps"),
            (["--shard", "2/6"], "shard 1/6"),
        ] {
            let refused = try check(["--state", "state"] + more)
            #expect(refused.status == 65 && refused.messages.contains(words), "\(refused.messages)")
        }
        try folder.write("{}\n".utf8, to: "damaged")
        #expect(try check(["--state", "damaged"]).status == 65)
        try folder.write("{}\n".utf8, to: "edge.sanaq.check-1-of-6.jsonl")
        let anew = try check(["--shard", "1/6"])
        #expect(anew.status == 0 && anew.messages.contains("Begins again"), "\(anew.messages)")
        #expect(try check(["--state", "missing/state"]).status == 73)
        // What is no record stays as it is.
        for text in ["remember", "remember\n"] {
            try folder.write(text.utf8, to: "note")
            #expect(try check(["--state", "note"]).status == 65)
            #expect(try folder.read("note") == Array(text.utf8))
        }
        // The beginning of one is what a run leaves that was killed at once.
        let header = try folder.read("state").prefix(20)
        try folder.write(header, to: "begun")
        #expect(try check(["--state", "begun", "--shard", "1/6"]).status == 0)
    }

    @Test func noInputIsWrittenOver() throws {
        let text = Array("a red ring".utf8)
        try FileManager.default.copyItem(atPath: Self.clip, toPath: folder.path("clip"))
        try FileManager.default.createDirectory(
            atPath: folder.path("r/pictures"), withIntermediateDirectories: true)
        let names = ["p.txt", "edge.sanaq.check.jsonl", "r/report.json", "r/pictures/000000-candidate.png"]
        for name in names { try folder.write(text, to: name) }
        #expect(try check(["--shard", "1/1", "--state", "r/report.html"]).status == 0)
        let record = try folder.read("r/report.html")

        func expectRefusal(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
            let ending = try Tool.run(["check"] + arguments, folder: folder.path)
            #expect(
                ending.status == 64 && ending.messages.contains("is the input"), "\(ending.messages)",
                sourceLocation: sourceLocation)
        }
        let packs = ["edge.sanaq", "--against", Self.reference, "--clip", "clip"] + Self.small
        try expectRefusal(packs + ["--prompts", "p.txt", "--state", "p.txt"])
        try expectRefusal(packs + ["--prompts", "p.txt", "--state", "edge.sanaq"])
        try expectRefusal(packs + ["--prompts", "p.txt", "--state", "clip/config.json"])
        try expectRefusal(packs + ["--prompts", "edge.sanaq.check.jsonl"])
        try expectRefusal(packs + ["--prompts", "r/report.json", "--report", "r"])
        try expectRefusal(packs + ["--prompts", "r/pictures/000000-candidate.png", "--report", "r"])
        try expectRefusal(["merge", "r/report.html", "--report", "r"])
        let both = try check(["--state", "r/report.html", "--report", "r"])
        #expect(both.status == 64 && both.messages.contains("Both --state and"), "\(both.messages)")
        #expect(try check(["--report="]).status == 73)
        // What an earlier run left in a folder is not read.
        for _ in 0..<2 {
            let ending = try Tool.run(
                ["check"] + packs + ["--prompts", "p.txt", "--shard", "1/1", "--state", "clip/s.jsonl"],
                folder: folder.path)
            #expect(ending.status == 0, "\(ending.messages)")
        }

        for name in names { #expect(try folder.read(name) == text) }
        #expect(try folder.read("r/report.html") == record)
        #expect(
            try folder.read("clip/config.json") == readWholeFile("\(Self.clip)/config.json", limit: 1 << 20))
    }

    @Test func aCLIPWeightThatIsNotFiniteIsBadInput() throws {
        try FileManager.default.copyItem(atPath: Self.clip, toPath: folder.path("clip"))
        let name = "clip/model.safetensors"
        // The last number of 16 bits.
        try folder.write(folder.read(name).dropLast(2) + [0x00, 0x7E], to: name)
        let ending = try Tool.run(
            [
                "check", "edge.sanaq", "--against", Self.reference, "--clip", "clip", "--prompts",
                "prompts.txt",
            ]
                + Self.small, folder: folder.path)
        #expect(ending.status == 65 && ending.messages.contains("holds NaN"), "\(ending.messages)")
    }

    /// The smallest limit is the one that a refusal names, for CLIP and for drawing alike.
    @Test func aMemoryLimitChangesNoFigure() throws {
        let larger = ["--width", "512", "--height", "512"]
        func smallest(below limit: Int) throws -> Int {
            let ending = try check(larger + ["--memory-limit", "\(limit)M"])
            #expect(ending.status == 64 && ending.messages.contains("memory limit of \(limit)M"))
            let last = ending.messages.split(whereSeparator: \.isWhitespace).last
            return try #require(last.flatMap { Int($0.dropLast(2)) }, "\(ending.messages)")
        }
        let ofCLIP = try smallest(below: 1)
        let ofDrawing = try smallest(below: ofCLIP)
        #expect(ofCLIP < ofDrawing && ofDrawing < 200)
        let limited = try check(larger + ["--memory-limit", "\(ofDrawing)M", "--json"])
        #expect(limited.status == 0, "\(limited.messages)")
        #expect(figures(try json(limited)) == figures(try json(try check(larger + ["--json"]))))
        for text in ["much", "0", "-5M"] {
            let ending = try check(["--memory-limit", text])
            #expect(ending.status == 64 && ending.messages.contains("such as 800M"), "\(ending.messages)")
        }
        #expect(try folder.names == ["edge.sanaq", "prompts.txt"])
    }

    @Test func aReportHoldsFiguresAndPictures() throws {
        let ending = try check(["--report", "out/report", "--shard", "1/3"])
        #expect(ending.status == 0, "\(ending.messages)")
        let json = try JSON.parse(folder.read("out/report/report.json"), name: "report.json")
        let prompts = try #require(json["prompts"]?.arrayValue)
        #expect(prompts.map { $0["index"]?.intValue } == [0, 3])
        for prompt in prompts {
            for side in ["reference", "candidate"] {
                let name = try #require(prompt["pictures"]?[side]?.stringValue)
                let picture = try folder.picture("out/report/\(name)")
                #expect(picture.width == 128 && picture.height == 128)
            }
        }
    }

    @Test func thePageOfMergedShardsIsThatOfTheWhole() throws {
        #expect(try check(["--report", "whole"]).status == 0)
        for shard in ["1/2", "2/2"] {
            #expect(
                try check(["--report", "parts", "--shard", shard, "--state", "\(shard.first ?? "0").jsonl"])
                    .status == 0)
        }
        let merged = try Tool.run(
            ["check", "merge", "1.jsonl", "2.jsonl", "--report", "parts"], folder: folder.path)
        #expect(merged.status == 0, "\(merged.messages)")
        let page = try folder.read("whole/report.html")
        #expect(try folder.read("parts/report.html") == page)
        #expect(try folder.read("parts/report.json") == folder.read("whole/report.json"))
        let text = String(decoding: page, as: UTF8.self)
        #expect(text.components(separatedBy: "data:image/png;base64,").count - 1 == 3 * 6)
        #expect(text.contains("edge against fp16") && text.contains("INT8 weights and activations"))
    }

    // MARK: Pictures of folders

    private func draw(_ name: String, _ more: [String] = []) throws {
        try FileManager.default.createDirectory(
            atPath: folder.path(name), withIntermediateDirectories: true)
        let ending = try Tool.run(
            ["generate", Self.reference, "--prompts", "prompts.txt", "-o", "\(name)/image.png"] + more
                + ["--no-binning", "--width", "256", "--height", "256", "--steps", "4"],
            folder: folder.path)
        #expect(ending.status == 0, "\(ending.messages)")
    }

    private func compare(_ images: String, _ reference: String, _ more: [String] = []) throws
        -> ChildProcess.Ending
    {
        try Tool.run(
            [
                "check", "--images", images, "--against-images", reference, "--clip", Self.clip, "--prompts",
                "prompts.txt", "--json",
            ] + more, folder: folder.path)
    }

    @Test func anotherSeedAndAnotherOrderFail() throws {
        try draw("first")
        try draw("second", ["--seed", "100"])
        let same = try compare(
            "first", "first", ["--min-worst-similarity", "0.9999", "--max-score-drop", "0"])
        #expect(same.status == 0, "\(same.messages)")
        for index in 0..<6 {
            try FileManager.default.createDirectory(
                atPath: folder.path("turned"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: folder.path("first/image-\(index).png"),
                toPath: folder.path("turned/image-\((index + 1) % 6).png"))
        }
        for images in ["second", "turned"] {
            let ending = try compare(images, "first", ["--min-similarity", "0.99"])
            #expect(ending.status == 2)
            let worst = try #require(try json(ending)["worst"]?["prompt"]?.stringValue)
            #expect(ending.messages.contains("\"\(worst)\""), "\(ending.messages)")
        }
        try FileManager.default.removeItem(atPath: folder.path("turned/image-3.png"))
        let fewer = try compare("turned", "first")
        #expect(fewer.status == 65 && fewer.messages.contains("5 PNG files"), "\(fewer.messages)")
        try folder.write("no picture".utf8, to: "turned/image-3.png")
        #expect(try compare("turned", "first").status == 65)
    }

    @Test func badInputsHaveTheirExitCodes() throws {
        let packs = ["edge.sanaq", "--against", Self.reference]
        let rest = ["--clip", Self.clip, "--prompts", "prompts.txt"]
        let cases: [([String], Int32)] = [
            (["edge.sanaq"] + rest, 64), (rest, 64), (packs + rest + ["--images", "a"], 64),
            (["--images", "a"] + rest, 64), (packs + ["--clip", Self.clip], 64),
            (packs + rest + ["--shard", "0/3"], 64), (packs + rest + ["--shard", "4/3"], 64),
            (packs + rest + ["--shard", "x"], 64), (packs + rest + ["--count", "0"], 64),
            (packs + rest + ["--min-similarity", "1.5"], 64), (packs + rest + ["--steps", "0"], 64),
            (packs + rest + ["--max-score-drop", "nan"], 64), (packs + rest + ["--threads", "0"], 64),
            (["--images", "a", "--against-images", "b", "--steps", "3"] + rest, 64),
            (["--images", "a", "--against-images", "b"] + rest, 66),
            (packs + ["--clip", "missing", "--prompts", "prompts.txt"], 66),
            (packs + ["--clip", Fixtures.referenceModel, "--prompts", "prompts.txt"], 66),
            (packs + ["--clip", Self.clip, "--prompts", "missing"], 66),
            (packs + ["--clip", Self.clip, "--prompts", "edge.sanaq"], 65),
            (["missing", "--against", Self.reference] + rest, 66),
            (["prompts.txt", "--against", Self.reference] + rest, 65),
            (packs + rest + ["--report", "prompts.txt/report"], 73),
        ]
        for (arguments, status) in cases {
            let ending = try Tool.run(["check"] + arguments, folder: folder.path)
            #expect(ending.status == status, "\(arguments) \(ending.messages)")
            #expect(ending.output == "" && ending.messages.hasPrefix("sana-quant: "))
        }
        #expect(try folder.names == ["edge.sanaq", "prompts.txt"])
    }
}
