import SanaModel

/// The ways in which a checkpoint's weights cannot be converted, or the pack cannot go where it should.
public enum ConversionError: Failure, Equatable {
    case unexpectedTensor(tensor: String)
    case notFinite(tensor: String, row: Int)
    case tooLarge(tensor: String, row: Int)
    case outputIsInput(output: String, input: String)
    case outputInCheckpoint(output: String)

    public var exitCode: ExitCode {
        switch self {
        case .outputIsInput, .outputInCheckpoint: .usage
        default: .badInput
        }
    }

    public var description: String {
        switch self {
        case .unexpectedTensor(let tensor):
            """
            The checkpoint has a tensor \(quoted(tensor)), which its configuration does not call for and which would \
            be lost.
            """
        case .notFinite(let tensor, let row):
            "The tensor \(quoted(tensor)) holds NaN or infinity in row \(row); download the checkpoint again."
        case .tooLarge(let tensor, let row):
            """
            The tensor \(quoted(tensor)) holds a number in row \(row) that is too large for int8 weights; keep the \
            tensor with --keep \(tensor).
            """
        case .outputIsInput(let output, let input):
            "The output \(quoted(output)) is the input \(quoted(input)); give the pack another name."
        case .outputInCheckpoint(let output):
            "The output \(quoted(output)) is a file in the checkpoint's folder; give the pack another name."
        }
    }
}
