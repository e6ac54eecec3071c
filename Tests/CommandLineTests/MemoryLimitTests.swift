import Foundation
import SanaModel
import TestSupport
import Testing

/// Memory as a budget: what a limit changes, and what it does not.
@Suite struct MemoryLimitTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let picture = [
        "--prompt", "a red circle", "--no-binning", "--width", "256", "--height", "192", "--steps", "2",
    ]

    private func generate(_ arguments: [String], pack: String = Shared.pack) throws -> ChildProcess.Ending {
        try Tool.run(["generate", pack] + arguments, folder: folder.path)
    }

    /// The smallest limit that a run names when it refuses a smaller one: megabytes.
    private func smallestLimit(_ arguments: [String]) throws -> Int {
        let ending = try generate(arguments + ["--memory-limit", "1M"])
        #expect(ending.status == 64 && !ending.isKilled, "\(ending.messages)")
        #expect(ending.messageLines.count == 1)
        let words = ending.messages.split(whereSeparator: \.isWhitespace)
        let limit = try #require(words.last.flatMap { Int($0.dropLast(2)) })
        #expect(ending.messages.contains("does not fit the memory limit of 1M"))
        return limit
    }

    @Test func theLimitChangesNoByteOfAPictureAndIsKept() throws {
        let smallest = try smallestLimit(Self.picture)
        var files: [[UInt8]] = []
        for (limit, threads) in [(nil, 2), (smallest, 1), (smallest + 20, 2), (smallest + 5, 3)] {
            let own = try smallestLimit(Self.picture + ["--threads", "\(threads)"])
            let bound = limit.map { max($0, own) }
            let ending = try generate(
                Self.picture + ["--threads", "\(threads)", "--json"]
                    + (bound.map { ["--memory-limit", "\($0)M"] } ?? []))
            #expect(ending.status == 0, "\(ending.messages)")
            files.append(try folder.read("image.png"))
            let json = try JSON.parse(Array(ending.output.utf8), name: "output")
            let peak = try #require(json["peakMemoryBytes"]?.intValue)
            if let bound { #expect(peak < bound * 1_000_000, "\(bound)M, \(threads) threads") }
        }
        #expect(files.allSatisfy { $0 == files[0] })
    }

    @Test func severalPicturesWithinALimitAreThoseWithout() throws {
        let arguments = Self.picture + ["--count", "3"]
        let smallest = try smallestLimit(arguments)
        func pictures(_ limit: [String]) throws -> [[UInt8]] {
            let ending = try generate(arguments + limit)
            #expect(ending.status == 0, "\(ending.messages)")
            #expect(ending.output == "image-0.png\nimage-1.png\nimage-2.png\n")
            return try (0..<3).map { try folder.read("image-\($0).png") }
        }
        #expect(try pictures(["--memory-limit", "\(smallest)M"]) == pictures([]))
    }

    /// Hidden states of many long prompts take more than the slack of a limit in whole megabytes.
    @Test func theSmallestLimitHoldsForManyLongPrompts() throws {
        let text = [String](repeating: "a red circle over a blue square", count: 40).joined(separator: " ")
        try folder.write((0..<12).map { "\(text) \($0)\n" }.joined().utf8, to: "prompts.txt")
        let arguments =
            [
                "--prompts", "prompts.txt", "-o", "image.png", "--no-binning", "--width", "64", "--height",
                "64",
            ]
            + ["--steps", "1", "--threads", "1"]
        let smallest = try smallestLimit(arguments)
        let ending = try generate(arguments + ["--memory-limit", "\(smallest)M", "--json"])
        #expect(ending.status == 0, "\(ending.messages)")
        let peak = try JSON.parse(Array(ending.output.utf8), name: "output")["peakMemoryBytes"]?.intValue
        #expect(try #require(peak) < smallest * 1_000_000, "\(smallest)M")
    }

    @Test func thePlanIsTold() throws {
        let ending = try generate(Self.picture + ["--memory-limit", "0.9G", "--verbose"])
        #expect(ending.status == 0, "\(ending.messages)")
        let plan = try #require(ending.messageLines.first { $0.contains("memory limit") })
        #expect(plan.contains("memory limit 900 MB; stay in memory: text encoder 0 of 8 layers"))
        #expect(plan.contains("transformer 9 of 9 layers") && plan.contains("bands of 4 rows"))
    }

    @Test(arguments: ["", "M", "-5M", "0", "1e3M", "12X", "99999999T", "0.0000001", "1.2.3M", "١M"])
    func aLimitThatIsNoSizeIsRefused(_ limit: String) throws {
        let ending = try generate(Self.picture + ["--memory-limit", limit])
        #expect(ending.status == 64 && !ending.isKilled, "\(ending.messages)")
        #expect(ending.messages.contains("such as 800M"), "\(ending.messages)")
        #expect(try folder.names == [])
    }

    /// A run that reads its layers again and again, stopped while it does.
    private func startedRun(pack: String) throws -> ChildProcess {
        let picture = Array(Self.picture.dropLast())
        let smallest = try smallestLimit(Self.picture)
        let process = try Tool.start(
            ["generate", pack, "--memory-limit", "\(smallest)M", "--verbose"] + picture + ["1000"],
            folder: folder.path)
        while process.isRunning, try !process.messages.contains("memory limit") {
            Thread.sleep(forTimeInterval: 0.005)
        }
        // Of some seconds of drawing.
        Thread.sleep(forTimeInterval: 0.3)
        return process
    }

    @Test func aPackThatIsCutWhileItIsReadIsBadInput() throws {
        let pack = folder.path("cut.sanaq")
        try FileManager.default.copyItem(atPath: Shared.pack, toPath: pack)
        let process = try startedRun(pack: pack)
        let file = try #require(FileHandle(forWritingAtPath: pack))
        try file.truncate(atOffset: 100_000)
        let ending = try process.wait(seconds: 60)
        #expect(ending.status == 65 && !ending.isKilled, "\(ending.messages)")
        #expect(ending.messageLines.last?.contains("cut.sanaq") == true)
        #expect(try folder.names == ["cut.sanaq"])
    }

    @Test func aPackThatIsDamagedWhileItIsReadIsBadInput() throws {
        let pack = folder.path("damaged.sanaq")
        try FileManager.default.copyItem(atPath: Shared.pack, toPath: pack)
        let size = try folder.read("damaged.sanaq").count
        let process = try startedRun(pack: pack)
        let file = try #require(FileHandle(forWritingAtPath: pack))
        for offset in stride(from: 8192, to: size - 200_000, by: 4096) {
            try file.seek(toOffset: UInt64(offset))
            try file.write(contentsOf: [0x5A, 0xA5, 0x5A, 0xA5])
        }
        let ending = try process.wait(seconds: 60)
        #expect(ending.status == 65 && !ending.isKilled, "\(ending.messages)")
        #expect(ending.messageLines.last?.contains("copy the pack again") == true)
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func aRunWithinALimitStopsWithinAStep(signal: Int32, status: Int32) throws {
        let process = try startedRun(pack: Shared.pack)
        process.send(signal: signal)
        let ending = try process.wait(seconds: 60)
        #expect(ending.status == status && !ending.isKilled)
        #expect(ending.messageLines.last?.hasPrefix("sana-quant: Stopped by") == true)
        #expect(try folder.names == [])
    }

    /// A killed run leaves at most a temporary file, which the next one removes.
    @Test func aKilledRunLeavesNothingBroken() throws {
        let process = try startedRun(pack: Shared.pack)
        process.send(signal: SIGKILL)
        #expect(try process.wait().isKilled)
        try folder.write("half a picture".utf8, to: ".image.png.tmp-\(Int32.max)-5")
        #expect(try generate(Self.picture).status == 0)
        #expect(try folder.names == ["image.png"])
    }
}
