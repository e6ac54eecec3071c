import SanaEdge
import SanaModel

/// A text that goes before every prompt: a JSON list of its lines.
enum InstructionFile {
    private static let sizeLimit = 1 << 20
    /// Gemma 2's context, less a prompt.
    private static let tokenLimit = 8192 - 300

    /// The lines, joined by newlines.
    ///
    /// Throws a `FileError`, a `JSONError` or an `InstructionError`.
    static func read(_ path: String) throws -> String {
        let json = try JSON.parse(try readWholeFile(path, limit: sizeLimit), name: path)
        guard let elements = json.arrayValue, !elements.isEmpty else {
            throw InstructionError.notAListOfLines(path: path)
        }
        let lines = try elements.map { element in
            guard let line = element.stringValue else { throw InstructionError.notAListOfLines(path: path) }
            return line
        }
        let instruction = lines.joined(separator: "\n")
        guard !instruction.isEmpty else { throw InstructionError.empty(path: path) }
        guard !instruction.utf8.contains(0) else { throw InstructionError.nul(path: path) }
        return instruction
    }

    /// Refuses an instruction that leaves no place for a prompt.
    static func check(_ instruction: String, path: String, _ tokenizer: Tokenizer) throws {
        let tokens = try tokenizer.encode(Array(instruction.utf8)).count
        guard tokens <= tokenLimit else {
            throw InstructionError.tooLong(path: path, tokens: tokens, limit: tokenLimit)
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
