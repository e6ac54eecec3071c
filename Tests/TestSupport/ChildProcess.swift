import Foundation

/// A program that a test runs, with its output kept in files, so that no pipe can fill up.
public final class ChildProcess {
    /// How it ended.
    public struct Ending: Sendable {
        /// The exit code, or the signal's number where a signal killed it.
        public let status: Int32
        public let isKilled: Bool
        public let output: String
        public let messages: String

        /// The lines of standard error.
        public var messageLines: [String] { messages.split(separator: "\n").map(String.init) }

        /// The last of them: what it has to say in the end, behind lines of progress that a slow machine sees.
        public var lastMessage: String { messageLines.last ?? "" }
    }

    public struct TooSlow: Error {}

    private let process = Process()
    private let folder: TemporaryFolder

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - environment: Set on top of the test's own.
    ///   - workingFolder: The test's own where nil.
    public init(
        _ program: String, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:],
        workingFolder: String? = nil
    ) throws {
        folder = try TemporaryFolder()
        for (name, bytes) in [("input", input), ("output", []), ("messages", [])] {
            try folder.write(bytes, to: name)
        }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let workingFolder { process.currentDirectoryURL = URL(fileURLWithPath: workingFolder) }
        process.standardInput = FileHandle(forReadingAtPath: folder.path("input"))
        process.standardOutput = FileHandle(forWritingAtPath: folder.path("output"))
        process.standardError = FileHandle(forWritingAtPath: folder.path("messages"))
        try process.run()
    }

    public func send(signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// What it has written to standard error until now.
    public var messages: String {
        get throws { String(decoding: try folder.read("messages"), as: UTF8.self) }
    }

    public var isRunning: Bool { process.isRunning }

    /// Waits until it ends, and kills it where that takes longer than `seconds`.
    public func wait(seconds: Double = 300) throws -> Ending {
        let end = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            guard ContinuousClock.now < end else {
                send(signal: SIGKILL)
                throw TooSlow()
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
        return Ending(
            status: process.terminationStatus, isKilled: process.terminationReason == .uncaughtSignal,
            output: String(decoding: try folder.read("output"), as: UTF8.self),
            messages: try messages)
    }
}
