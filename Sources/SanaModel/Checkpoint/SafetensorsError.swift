/// The ways in which a safetensors file can lie about itself.
///
/// What makes its header unreadable as JSON (text that is not UTF-8, a key given twice) is a `JSONError`.
public enum SafetensorsError: Failure, Equatable {
    case tooShort(file: String, size: Int)
    case headerTooLarge(file: String, size: UInt64, limit: Int)
    case headerLargerThanFile(file: String, size: UInt64, available: Int)
    case headerIsNotAnObject(file: String)
    case tooManyTensors(file: String, limit: Int)
    case nameTooLong(file: String, name: String, limit: Int)
    case missingField(file: String, tensor: String, field: String)
    case unknownField(file: String, tensor: String, field: String)
    case tooManyDimensions(file: String, tensor: String, limit: Int)
    case negativeDimension(file: String, tensor: String, dimension: Int)
    case sizeOverflow(file: String, tensor: String)
    case offsetCount(file: String, tensor: String, found: Int)
    case negativeOffset(file: String, tensor: String, offset: Int)
    case reversedOffsets(file: String, tensor: String, begin: Int, end: Int)
    case outOfFile(file: String, tensor: String, end: Int, available: Int)
    case overlap(file: String, tensor: String, begin: Int, previousEnd: Int)
    case hole(file: String, tensor: String, begin: Int, previousEnd: Int)
    case trailingBytes(file: String, count: Int)
    case sizeMismatch(file: String, tensor: String, expected: Int, found: Int)
    case unsupportedType(file: String, tensor: String, type: String)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .tooShort(let file, let size):
            "\(quoted(file)) is no safetensors file: it has \(size) bytes, and 8 are needed for a header's size."
        case .headerTooLarge(let file, let size, let limit):
            "\(quoted(file)) claims a header of \(size) bytes, and at most \(limit) are allowed."
        case .headerLargerThanFile(let file, let size, let available):
            """
            \(quoted(file)) claims a header of \(size) bytes and \(available) follow: it is cut short or no \
            safetensors file.
            """
        case .headerIsNotAnObject(let file):
            "\(quoted(file)) is no safetensors file: its header does not begin with \"{\"."
        case .tooManyTensors(let file, let limit):
            "\(quoted(file)) lists more than \(limit) tensors."
        case .nameTooLong(let file, let name, let limit):
            "\(quoted(file)) has a name of more than \(limit) bytes, \(quoted(name))."
        case .missingField(_, _, let field):
            "\(place) has no \(quoted(field))."
        case .unknownField(_, _, let field):
            "\(place) has the member \(quoted(field)), expected dtype, shape and data_offsets."
        case .tooManyDimensions(_, _, let limit):
            "\(place) has more than \(limit) dimensions."
        case .negativeDimension(_, _, let dimension):
            "\(place) has the negative dimension \(dimension)."
        case .sizeOverflow:
            "\(place) has a shape whose size in bytes overflows."
        case .offsetCount(_, _, let found):
            "\(place) has \(found) data offsets, expected two."
        case .negativeOffset(_, _, let offset):
            "\(place) has the negative data offset \(offset)."
        case .reversedOffsets(_, _, let begin, let end):
            "\(place) ends at \(end), before its begin at \(begin)."
        case .outOfFile(_, _, let end, let available):
            """
            \(place) ends at byte \(end) of the data and the file holds \(available): it is cut short or its \
            header is wrong; copy or download it again.
            """
        case .overlap(_, _, let begin, let previousEnd):
            "\(place) begins at \(begin), inside the tensor before it, which ends at \(previousEnd)."
        case .hole(_, _, let begin, let previousEnd):
            "\(place) begins at \(begin), and the bytes from \(previousEnd) on belong to no tensor."
        case .trailingBytes(let file, let count):
            "\(quoted(file)) has \(count) bytes behind its last tensor that belong to none."
        case .sizeMismatch(_, _, let expected, let found):
            "\(place) has \(found) bytes where its type and shape call for \(expected)."
        case .unsupportedType(_, _, let type):
            "\(place) is of type \(quoted(type)), which is not supported; supported: F32, F16, BF16."
        }
    }

    /// The file and the tensor in it.
    private var place: String {
        switch self {
        case .missingField(let file, let tensor, _), .unknownField(let file, let tensor, _),
            .tooManyDimensions(let file, let tensor, _), .negativeDimension(let file, let tensor, _),
            .sizeOverflow(let file, let tensor), .offsetCount(let file, let tensor, _),
            .negativeOffset(let file, let tensor, _), .reversedOffsets(let file, let tensor, _, _),
            .outOfFile(let file, let tensor, _, _), .overlap(let file, let tensor, _, _),
            .hole(let file, let tensor, _, _), .sizeMismatch(let file, let tensor, _, _),
            .unsupportedType(let file, let tensor, _):
            "Tensor \(quoted(tensor)) in \(quoted(file))"
        case .tooShort(let file, _), .headerTooLarge(let file, _, _), .headerLargerThanFile(let file, _, _),
            .headerIsNotAnObject(let file), .tooManyTensors(let file, _), .nameTooLong(let file, _, _),
            .trailingBytes(let file, _):
            quoted(file)
        }
    }
}
