import Foundation
import TestSupport

/// The tool that was built with these tests, beside them.
enum Tool {
    static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return "\((tests as NSString).deletingLastPathComponent)/sana-quant"
    }()

    /// Runs the tool to its end. Help is as wide as 80 columns.
    static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], folder: String? = nil
    ) throws -> ChildProcess.Ending {
        try start(arguments, input: input, environment: environment, folder: folder).wait()
    }

    static func start(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], folder: String? = nil
    ) throws -> ChildProcess {
        try ChildProcess(
            path, arguments, input: input, environment: ["COLUMNS": "80"].merging(environment) { $1 },
            workingFolder: folder)
    }
}
