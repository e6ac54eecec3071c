import SanaModel

/// Reads prompts: one a line with `#` for comments, or one JSON object a line.
///
/// The first prompt decides: where it begins with `{`, every line is an object with `prompt` and, if wanted,
/// `negative` and `seed`. Blank lines and comments are skipped in both.
struct PromptsFile {
    /// Bytes of a prompts file.
    static let sizeLimit = 64 << 20
    /// Prompts of a file.
    static let promptLimit = 1_000_000

    private let name: String

    /// Reads the file of this name, or standard input where it is `-`.
    ///
    /// - Throws: `FileError`, `PromptsError`, `JSONError`.
    static func read(_ file: String) throws -> [Prompt] {
        file == "-"
            ? try parse(readStandardInput(limit: sizeLimit), name: "standard input")
            : try parse(readWholeFile(file, limit: sizeLimit), name: file)
    }

    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - name: What errors call it.
    /// - Throws: `PromptsError`, `JSONError`.
    static func parse(_ bytes: [UInt8], name: String) throws -> [Prompt] {
        let file = PromptsFile(name: name)
        let lines = try file.lines(bytes)
        let isJSON = lines.first?.bytes.first == UInt8(ascii: "{")
        let prompts = try lines.map { line in
            isJSON ? try file.promptOfObject(line) : try file.promptOfText(line)
        }
        guard !prompts.isEmpty else { throw PromptsError.empty(file: name) }
        return prompts
    }

    /// The lines that have a prompt. Comments must be text too.
    private func lines(_ bytes: [UInt8]) throws -> [TextLines.Line] {
        var lines: [TextLines.Line] = []
        for line in TextLines(bytes) {
            if line.isComment {
                try requireText(line.bytes, "the comment", line.number)
                continue
            }
            guard lines.count < Self.promptLimit else { throw PromptsError.tooMany(file: name) }
            lines.append(line)
        }
        return lines
    }

    private func promptOfText(_ line: TextLines.Line) throws -> Prompt {
        Prompt(text: try checked(Array(line.bytes), "the prompt", line.number))
    }

    private func promptOfObject(_ line: TextLines.Line) throws -> Prompt {
        guard line.bytes.first == UInt8(ascii: "{") else {
            throw PromptsError.notAnObject(file: name, line: line.number)
        }
        let json = try JSON.parse(Array(line.bytes), name: "\(name), line \(line.number)")
        let known: [ByteString] = ["prompt", "negative", "seed"]
        if let key = json.objectValue?.keys.first(where: { !known.contains($0) }) {
            throw PromptsError.unknownMember(file: name, line: line.number, member: key.string)
        }
        guard let text = try string(json["prompt"], "prompt", line.number) else {
            throw PromptsError.noPrompt(file: name, line: line.number)
        }
        var prompt = Prompt(text: text, negative: try string(json["negative"], "negative", line.number))
        if let seed = json["seed"] {
            guard let value = seed.intValue, value >= 0 else {
                throw PromptsError.seed(file: name, line: line.number)
            }
            prompt.seed = value
        }
        return prompt
    }

    private func string(_ json: JSON?, _ member: String, _ line: Int) throws -> [UInt8]? {
        guard let json else { return nil }
        guard case .string(let value) = json else {
            throw PromptsError.notAString(file: name, line: line, member: member)
        }
        return try checked(value.bytes, "\(quoted(member))", line)
    }

    private func checked(_ text: [UInt8], _ what: String, _ line: Int) throws -> [UInt8] {
        guard text.count <= Prompt.lengthLimit else {
            throw PromptsError.tooLong(file: name, line: line, what: what, length: text.count)
        }
        try requireText(text[...], what, line)
        return text
    }

    private func requireText(_ bytes: ArraySlice<UInt8>, _ what: String, _ line: Int) throws {
        guard !bytes.contains(0) else { throw PromptsError.nul(file: name, line: line, what: what) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw PromptsError.notUTF8(file: name, line: line, what: what)
        }
    }
}

/// A prompts file is not what it claims to be.
enum PromptsError: Failure, Equatable {
    case empty(file: String)
    case tooMany(file: String)
    case notAnObject(file: String, line: Int)
    case unknownMember(file: String, line: Int, member: String)
    case noPrompt(file: String, line: Int)
    case notAString(file: String, line: Int, member: String)
    case seed(file: String, line: Int)
    case tooLong(file: String, line: Int, what: String, length: Int)
    case nul(file: String, line: Int, what: String)
    case notUTF8(file: String, line: Int, what: String)

    var exitCode: SanaModel.ExitCode { .badInput }

    var description: String {
        switch self {
        case .empty(let file):
            "\(quoted(file)) holds no prompt: every line is blank or a comment."
        case .tooMany(let file):
            "\(quoted(file)) holds more than \(PromptsFile.promptLimit) prompts; split it."
        case .notAnObject(let file, let line):
            "\(quoted(file)), line \(line): expected a JSON object, as in the lines before it."
        case .unknownMember(let file, let line, let member):
            """
            \(quoted(file)), line \(line): the member \(quoted(member)) is unknown; a prompt has "prompt", \
            "negative" and "seed".
            """
        case .noPrompt(let file, let line):
            "\(quoted(file)), line \(line): the object has no \"prompt\"."
        case .notAString(let file, let line, let member):
            "\(quoted(file)), line \(line): \(quoted(member)) must be a string."
        case .seed(let file, let line):
            "\(quoted(file)), line \(line): \"seed\" must be an integer from 0 to \(Int.max)."
        case .tooLong(let file, let line, let what, let length):
            "\(quoted(file)), line \(line): \(what) has \(length) bytes, at most \(Prompt.lengthLimit) are allowed."
        case .nul(let file, let line, let what):
            "\(quoted(file)), line \(line): \(what) contains a NUL."
        case .notUTF8(let file, let line, let what):
            "\(quoted(file)), line \(line): \(what) is not UTF-8."
        }
    }
}
