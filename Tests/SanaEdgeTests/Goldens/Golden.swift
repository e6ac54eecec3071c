import SanaModel
import TestSupport
import Testing

/// What diffusers computed: one file of tensors, as calibration/goldens/generate.py wrote it.
struct Golden {
    private let file: SafetensorsFile

    /// - Parameter name: A file of Tests/Fixtures/goldens, without its ending.
    init(_ name: String) throws {
        file = try SafetensorsFile(path: Fixtures.path("goldens/\(name).safetensors"))
    }

    /// The float32 values of a tensor.
    subscript(_ name: String) -> [Float] {
        get throws {
            let entry = try #require(
                file.entries.first { $0.name == ByteString(name) }, "\(name) is not in \(file.path)")
            let tensor = try file.tensor(entry)
            try #require(tensor.type == .f32)
            let bytes = try tensor.readBytes(elements: 0..<tensor.shape.reduce(1, *))
            return stride(from: 0, to: bytes.count, by: 4).map { start in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
            }
        }
    }

    /// What the manifest says of a file; nil where it has no entry.
    static func details(of file: String) -> JSON? {
        let entries = (try? Fixtures.json("goldens/manifest.json"))?["goldens"]?.arrayValue
        return entries?.first { $0["file"]?.stringValue == file }
    }

    /// The names of the cases in a file.
    static func cases(of file: String) -> [String] {
        details(of: file)?["cases"]?.objectValue?.members.map(\.key.string) ?? []
    }

    /// The lines of the instruction that some goldens were made with, joined.
    static func instruction() throws -> [UInt8] {
        let lines = try Fixtures.json("goldens/instruction.json").arrayValue ?? []
        return Array(lines.compactMap(\.stringValue).joined(separator: "\n").utf8)
    }
}

/// The largest difference of two vectors, relative to the largest number of the second; infinite where they differ
/// in length or hold what is no number.
func largestDifference(_ found: some Collection<Float>, _ expected: some Collection<Float>) -> Float {
    guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .infinity }
    let scale = expected.map(abs).max() ?? 0
    let difference = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    return scale > 0 ? difference / scale : difference
}
