import SanaModel

/// A text that goes before every prompt: a JSON list of its lines.
enum InstructionFile {
    private static let sizeLimit = 1 << 20

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
        return lines.joined(separator: "\n")
    }
}

/// An instruction file that is none.
public enum InstructionError: Failure, Equatable {
    case notAListOfLines(path: String)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .notAListOfLines(let path):
            """
            The instruction \(quoted(path)) must be a JSON list of lines, such as ["First line.", "User Prompt: "].
            """
        }
    }
}
