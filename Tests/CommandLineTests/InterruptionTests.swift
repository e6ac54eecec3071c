import Foundation
import SanaModel
import TestSupport
import Testing

/// Signals and full disks: what stood before still stands, and nothing is left half-written.
@Suite struct InterruptionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private struct NeverSeen: Error {}

    /// Starts a conversion over `pack.sanaq` and stops it as soon as it has begun to write.
    private func stoppedConversion() throws -> ChildProcess {
        // Now and then it is done before it is seen.
        for _ in 0..<20 {
            try folder.write("precious".utf8, to: "pack.sanaq")
            let process = try Tool.start(
                ["convert", Fixtures.referenceModel, "-o", "pack.sanaq", "--overwrite"],
                environment: ["QK_TIER": "scalar"], folder: folder.path)
            while process.isRunning {
                if try folder.names.contains(where: { $0.hasPrefix(".pack.sanaq.tmp-") }) {
                    process.send(signal: SIGSTOP)
                    // It may also have been the one that tells whether the folder can be written.
                    let names = try folder.names
                    if try names.count == 2 && folder.read("pack.sanaq") == Array("precious".utf8) {
                        return process
                    }
                    process.send(signal: SIGCONT)
                }
            }
            _ = try process.wait()
        }
        throw NeverSeen()
    }

    @Test(arguments: [
        (SIGINT, Int32(130), "Ctrl-C"), (SIGTERM, Int32(143), "SIGTERM"), (SIGHUP, 143, "SIGHUP"),
    ])
    func aSignalLeavesTheOldPackWhole(signal: Int32, status: Int32, words: String) throws {
        // `nohup` has it ignored, which processes hand on.
        let hangUp = signal == SIGHUP ? Foundation.signal(SIGHUP, SIG_DFL) : nil
        defer { if signal == SIGHUP { _ = Foundation.signal(SIGHUP, hangUp) } }
        let process = try stoppedConversion()
        process.send(signal: signal)
        process.send(signal: SIGCONT)
        let ending = try process.wait()
        #expect(ending.status == status && !ending.isKilled)
        #expect(ending.messageLines.last?.hasPrefix("sana-quant: Stopped by \(words)") == true)
        #expect(ending.output == "")
        #expect(try folder.names == ["pack.sanaq"])
        #expect(try folder.read("pack.sanaq") == Array("precious".utf8))
    }

    @Test func aKilledRunLeavesTheOldPackWholeAndTheNextRunTidiesUp() throws {
        let process = try stoppedConversion()
        process.send(signal: SIGKILL)
        #expect(try process.wait().isKilled)
        #expect(try folder.read("pack.sanaq") == Array("precious".utf8))
        #expect(try folder.names.count == 2)
        let ending = try Tool.run(
            ["convert", Fixtures.referenceModel, "-o", "pack.sanaq", "--overwrite"], folder: folder.path)
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try folder.names == ["pack.sanaq"])
    }

    /// A run of 1000 steps that has begun to draw.
    private func drawing(_ more: [String] = [], tier: String? = nil) throws -> ChildProcess {
        let process = try Tool.start(
            ["generate", Shared.pack, "--prompt", "a", "--steps", "1000", "--verbose"] + more,
            environment: tier.map { ["QK_TIER": $0] } ?? [:], folder: folder.path)
        while process.isRunning, try !process.messages.contains("1000 steps") {
            Thread.sleep(forTimeInterval: 0.01)
        }
        return process
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func drawingStopsWithinAStep(signal: Int32, status: Int32) throws {
        let process = try drawing()
        process.send(signal: signal)
        let ending = try process.wait(seconds: 60)
        #expect(ending.status == status && !ending.isKilled)
        #expect(ending.messageLines.last?.hasPrefix("sana-quant: Stopped by") == true)
        #expect(try folder.names == [])
    }

    /// A step takes long enough here for another Ctrl-C.
    @Test func aSecondCtrlCSoonAfterTheFirstLeavesNothingEither() throws {
        let process = try drawing(["--threads", "1"], tier: "scalar")
        for _ in 0..<2 {
            process.send(signal: SIGINT)
            Thread.sleep(forTimeInterval: 0.002)
        }
        let ending = try process.wait(seconds: 60)
        #expect(ending.status == 130 && !ending.isKilled)
        #expect(ending.messageLines.last?.hasPrefix("sana-quant: Stopped by") == true)
        #expect(try folder.names == [])
    }

    /// Nobody has to wait for work that does not end: it stands still here.
    @Test func aLaterSignalEndsTheRunAtOnce() throws {
        // Now and then it has stopped before it is made to stand.
        for _ in 0..<20 {
            let process = try drawing(
                ["--threads", "1", "--no-binning", "--width", "4096", "--height", "4096"],
                tier: "scalar")
            process.send(signal: SIGINT)
            Thread.sleep(forTimeInterval: 0.001)
            process.send(signal: SIGSTOP)
            Thread.sleep(forTimeInterval: 3.2)
            process.send(signal: SIGTERM)
            process.send(signal: SIGCONT)
            let ending = try process.wait(seconds: 10)
            if ending.isKilled { return }
            #expect(ending.status == 130)
        }
        throw NeverSeen()
    }

    /// The shell's limit on a file's size, in its blocks of 512 bytes.
    @Test(arguments: [
        ["convert", Fixtures.referenceModel, "-o", "out"],
        ["generate", Shared.pack, "--prompt", "a", "--steps", "1", "-o", "out"],
    ]) func aFileThatMayNotGrowIsAnInputOutputError(arguments: [String]) throws {
        let ending = try ChildProcess(
            "/bin/sh", ["-c", "ulimit -f 64; exec \"$0\" \"$@\"", Tool.path] + arguments,
            workingFolder: folder.path
        ).wait()
        #expect(ending.status == 74 && !ending.isKilled, "\(ending.messages)")
        #expect(ending.messageLines.last?.contains("File too large") == true)
        #expect(try folder.names == [])
    }
}
