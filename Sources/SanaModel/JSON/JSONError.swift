/// The ways in which a text fails to be JSON, or to be the JSON that was expected.
public enum JSONError: Failure, Equatable {
    case unexpectedEnd(file: String)
    case unexpectedByte(file: String, offset: Int, expected: String, found: UInt8)
    case trailingBytes(file: String, offset: Int)
    case invalidUTF8(file: String, offset: Int)
    case invalidEscape(file: String, offset: Int)
    case loneSurrogate(file: String, offset: Int)
    case controlCharacter(file: String, offset: Int)
    case unknownWord(file: String, offset: Int, word: String)
    case invalidNumber(file: String, offset: Int)
    case numberOutOfRange(file: String, offset: Int)
    case tooDeep(file: String, offset: Int, limit: Int)
    case duplicateKey(file: String, key: String)
    case wrongType(file: String, offset: Int, expected: String, found: String)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .unexpectedEnd(let file):
            "\(quoted(file)) is not valid JSON: it ends in the middle of a value."
        case .unexpectedByte(let file, let offset, let expected, let found):
            """
            \(quoted(file)) is not valid JSON: at byte \(offset), \(expected) was expected and \
            \(quoted(shown(found))) was found.
            """
        case .trailingBytes(let file, let offset):
            "\(quoted(file)) is not valid JSON: something follows its value, at byte \(offset)."
        case .invalidUTF8(let file, let offset):
            "\(quoted(file)) is not valid JSON: the text at byte \(offset) is not UTF-8."
        case .invalidEscape(let file, let offset):
            "\(quoted(file)) is not valid JSON: the escape at byte \(offset) is none that JSON knows."
        case .loneSurrogate(let file, let offset):
            "\(quoted(file)) is not valid JSON: the surrogate at byte \(offset) has no partner."
        case .controlCharacter(let file, let offset):
            "\(quoted(file)) is not valid JSON: the text at byte \(offset) holds a bare control character."
        case .unknownWord(let file, let offset, let word):
            "\(quoted(file)) is not valid JSON: at byte \(offset) stands \(quoted(word))."
        case .invalidNumber(let file, let offset):
            "\(quoted(file)) is not valid JSON: the number at byte \(offset) is malformed."
        case .numberOutOfRange(let file, let offset):
            "\(quoted(file)) holds a number at byte \(offset) that is too large or too long."
        case .tooDeep(let file, let offset, let limit):
            "\(quoted(file)) is nested deeper than \(limit) levels, at byte \(offset)."
        case .duplicateKey(let file, let key):
            "\(quoted(file)) has the key \(quoted(key)) twice in one object."
        case .wrongType(let file, let offset, let expected, let found):
            "\(quoted(file)) holds \(found) at byte \(offset), where \(expected) was expected."
        }
    }
}

private func shown(_ byte: UInt8) -> String {
    let scalar = Unicode.Scalar(byte)
    return (0x21..<0x7F).contains(byte) ? String(Character(scalar)) : scalar.escaped(asASCII: true)
}
