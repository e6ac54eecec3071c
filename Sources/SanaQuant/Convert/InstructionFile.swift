import SanaEdge
import SanaModel

/// A text that goes before every prompt: a JSON list of its lines.
struct InstructionFile {
    private static let sizeLimit = 1 << 20
    /// Gemma 2's context, less a prompt.
    private static let tokenLimit = 8192 - 300

    let path: String
    /// The lines, joined by newlines; never empty.
    let text: String

    /// Throws a `FileError`, a `JSONError` or an `InstructionError`.
    init(_ path: String) throws {
        let json = try JSON.parse(try readWholeFile(path, limit: Self.sizeLimit), name: path)
        guard let elements = json.arrayValue, !elements.isEmpty else {
            throw InstructionError.notAListOfLines(path: path)
        }
        let lines = try elements.map { element in
            guard let line = element.stringValue else { throw InstructionError.notAListOfLines(path: path) }
            return line
        }
        text = lines.joined(separator: "\n")
        guard !text.isEmpty else { throw InstructionError.empty(path: path) }
        guard !text.utf8.contains(0) else { throw InstructionError.nul(path: path) }
        self.path = path
    }

    /// Refuses an instruction that leaves no place for a prompt.
    func check(_ tokenizer: Tokenizer) throws {
        let tokens = try tokenizer.encode(Array(text.utf8)).count
        guard tokens <= Self.tokenLimit else {
            throw InstructionError.tooLong(path: path, tokens: tokens, limit: Self.tokenLimit)
        }
    }
}

/// An instruction file that is none.
public enum InstructionError: Failure, Equatable {
    case notAListOfLines(path: String)
    case empty(path: String)
    case nul(path: String)
    case tooLong(path: String, tokens: Int, limit: Int)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .notAListOfLines(let path):
            """
            The instruction \(quoted(path)) must be a JSON list of lines, such as ["First line.", "User Prompt: "].
            """
        case .empty(let path):
            "The instruction \(quoted(path)) says nothing; convert without it."
        case .nul(let path):
            "The instruction \(quoted(path)) contains a NUL."
        case .tooLong(let path, let tokens, let limit):
            """
            The instruction \(quoted(path)) has \(tokens) tokens; beside a prompt the text encoder has place for \
            \(limit).
            """
        }
    }
}
