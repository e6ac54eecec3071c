import SanaModel

/// A CLIP checkpoint that does not fit itself, or a picture that it cannot read.
public enum CLIPError: Failure, Equatable {
    case size(folder: String, width: Int, height: Int, expected: Int)
    case token(folder: String, id: Int, count: Int)
    case aspect(width: Int, height: Int)

    /// The longer side of a picture, in shorter ones.
    static let aspectLimit = 64

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .size(let folder, let width, let height, let expected):
            """
            \(quoted(folder)): preprocessor_config.json makes pictures of \(width)x\(height) pixels, and config.json \
            calls for \(expected)x\(expected).
            """
        case .token(let folder, let id, let count):
            "\(quoted(folder)): the tokenizer gives the id \(id), and the model has \(count) tokens."
        case .aspect(let width, let height):
            """
            A picture of \(width)x\(height) pixels cannot be compared: CLIP's preparation would make a side more than \
            \(Self.aspectLimit) times as long as the other.
            """
        }
    }
}
