import SanaEdge
import SanaModel

/// The files that tests read, found from this source file, so that tests run in any working directory.
public enum Fixtures {
    /// The folder of the package.
    public static let package: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    /// A file or folder in Tests/Fixtures.
    public static func path(_ name: String) -> String { "\(package)/Tests/Fixtures/\(name)" }

    /// The trained Sana checkpoint that tests and the demo run on.
    public static let referenceModel = "\(package)/calibration/reference-model"

    public static func bytes(_ name: String) throws -> [UInt8] {
        try readWholeFile(path(name), limit: 1 << 30)
    }

    public static func json(_ name: String) throws -> JSON {
        try JSON.parse(bytes(name), name: name)
    }

    public static func picture(_ name: String) throws -> RGBImage {
        try RGBImage(png: bytes(name), file: name)
    }

    /// The lines of a text file that are neither empty nor comments.
    public static func lines(_ path: String) throws -> [String] {
        String(decoding: try readWholeFile(path, limit: 1 << 20), as: UTF8.self)
            .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}
