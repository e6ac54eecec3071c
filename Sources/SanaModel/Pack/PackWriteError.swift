/// The ways in which a pack cannot be written. Most are faults of the caller; `OutputError` is about the
/// file.
public enum PackWriteError: Failure, Equatable {
    case name(String)
    case scheme(name: String, Scheme, ElementType)
    case shape(name: String, [Int])
    case unfinished(name: String)
    case noTensor
    case chunkSize(Int)
    case chunk(name: String, found: Int, expected: Int)
    case scaleCount(name: String, found: Int)
    case scale(name: String, row: Int, Float)
    case blobTwice(PackBlob)
    case blobSize(PackBlob, found: Int, limit: Int)
    case noManifest
    case tableSize(Int)
    case compression(String)

    public var exitCode: ExitCode {
        switch self {
        case .name, .shape, .scale, .blobSize, .tableSize: .badInput
        default: .internalFailure
        }
    }

    public var description: String {
        switch self {
        case .name(let name):
            """
            A pack cannot hold the tensor \(quoted(name)): names are unique and made of 1 to 255 letters, \
            digits, ".", "_" and "-".
            """
        case .scheme(let name, let scheme, let type):
            "The tensor \(quoted(name)) cannot be stored as \(type.name) with the scheme \(scheme.name)."
        case .shape(let name, let shape):
            """
            The tensor \(quoted(name)) of shape \(shape) cannot be stored: expected 1 to \
            \(PackTensor.maximumDimensions) dimensions and at most \(ChunkPlan.maximumSize) bytes a row.
            """
        case .unfinished(let name):
            "The tensor \(quoted(name)) was left unfinished."
        case .noTensor:
            "A chunk was written that belongs to no tensor."
        case .chunkSize(let size):
            "A chunk has \(size) bytes, expected whole elements of 1 to \(ChunkPlan.maximumSize) bytes."
        case .chunk(let name, let found, let expected):
            "A chunk of the tensor \(quoted(name)) has \(found) bytes, expected \(expected) of its own type."
        case .scaleCount(let name, let found):
            "The tensor \(quoted(name)) came with \(found) scales, expected one a row if it is quantized."
        case .scale(let name, let row, let value):
            """
            The tensor \(quoted(name)) has the scale \(value) in row \(row), expected a normal number above \
            0 and below \(ValueCheck.scaleLimit); its weights are too small or too large for int8, keep it \
            at full precision.
            """
        case .blobTwice(let blob):
            "The \(blob.title) was added to the pack twice."
        case .blobSize(let blob, let found, let limit):
            "The \(blob.title) has \(found) bytes, and a pack holds at most \(limit) of it."
        case .noManifest:
            "The pack was finished without a manifest."
        case .tableSize(let size):
            "The pack's table of contents has \(size) bytes, at most \(PackHeader.tableLimit) are allowed."
        case .compression(let message):
            "Compressing weights failed (\(message))."
        }
    }
}
