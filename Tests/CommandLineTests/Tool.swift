import Foundation
import SanaEdge
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

/// What many tests read and none changes.
enum Shared {
    /// The reference model under the default policy.
    static let pack = convert()

    private static let folder: TemporaryFolder? = {
        let folder = try? TemporaryFolder()
        // Nobody frees a global.
        atexit { try? FileManager.default.removeItem(atPath: Shared.folder?.path ?? "") }
        return folder
    }()

    /// Its path; a test that runs on it finds out where there is none.
    private static func convert() -> String {
        let path = folder?.path("edge.sanaq") ?? ""
        _ = try? Tool.run(["convert", Fixtures.referenceModel, "-o", path])
        return path
    }
}

/// Small and quick: what a test looks at does not depend on the picture.
let quick = ["--prompt", "a red circle", "--no-binning", "--width", "128", "--height", "128", "--steps", "1"]

extension TemporaryFolder {
    func picture(_ name: String) throws -> RGBImage {
        try RGBImage(png: read(name), file: name)
    }
}
