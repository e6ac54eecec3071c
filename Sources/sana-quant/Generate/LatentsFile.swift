import SanaEdge
import SanaModel

/// The noise that a picture starts from, as a safetensors file with one tensor `latents`, float32 (1, channels,
/// height, width).
enum LatentsFile {
    static let tensorName = "latents"

    /// Reads noise of the given shape (channels, height, width), which is held against the file's before its numbers
    /// are read.
    static func read(_ path: String, shape: [Int]) throws -> Latents {
        let file = try SafetensorsFile(path: path)
        guard file.entries.count == 1, let entry = file.entries.first, entry.name.string == tensorName else {
            throw LatentsError.tensors(file: path, found: file.entries.map(\.name.string))
        }
        let tensor = try file.tensor(entry)
        guard tensor.type == .f32 else { throw LatentsError.type(file: path, found: tensor.type) }
        guard tensor.shape == [1] + shape else {
            throw LatentsError.shape(file: path, found: tensor.shape, expected: [1] + shape)
        }
        let bytes = try tensor.readBytes(elements: 0..<tensor.elementCount)
        let values = stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        guard values.allSatisfy(\.isFinite) else { throw LatentsError.notFinite(file: path) }
        return Latents(channels: shape[0], height: shape[1], width: shape[2], values: values)
    }

    /// The file's bytes.
    static func bytes(_ latents: Latents) -> [UInt8] {
        var file = SafetensorsWriter()
        file.add(tensorName, shape: [1, latents.channels, latents.height, latents.width], latents.values)
        return file.bytes
    }
}

/// A file of latents is not what it claims to be.
enum LatentsError: Failure, Equatable {
    case tensors(file: String, found: [String])
    case type(file: String, found: ElementType)
    case shape(file: String, found: [Int], expected: [Int])
    case notFinite(file: String)

    var exitCode: SanaModel.ExitCode { .badInput }

    var description: String {
        switch self {
        case .tensors(let file, let found):
            """
            \(quoted(file)) should hold one tensor "latents" and holds \
            \(found.isEmpty ? "none" : found.prefix(3).map { quoted($0) }.joined(separator: ", ")).
            """
        case .type(let file, let found):
            "The latents in \(quoted(file)) are \(found.name), expected F32."
        case .shape(let file, let found, let expected):
            "The latents in \(quoted(file)) have shape \(found), expected \(expected)."
        case .notFinite(let file):
            "The latents in \(quoted(file)) hold a number that is not finite."
        }
    }
}
