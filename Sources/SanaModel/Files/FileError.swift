#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The ways in which reading a file can fail.
public enum FileError: Failure, Equatable {
    /// Nothing is there.
    case missing(path: String)
    /// A directory, pipe, socket or device where a file should be.
    case notARegularFile(path: String, found: String)
    /// A file where a folder should be.
    case notAFolder(path: String)
    /// The system refuses to open the file, or reading it failed.
    case unreadable(path: String, code: Int32)
    /// The file ends before the bytes that were asked for: it is cut short, or shrank while it was open.
    case truncated(path: String, offset: Int, expected: Int, found: Int)
    /// The file is larger than a file of its kind may be.
    case tooLarge(path: String, size: Int, limit: Int)

    public var exitCode: ExitCode {
        switch self {
        case .missing: .missingInput
        case .notARegularFile, .notAFolder, .truncated, .tooLarge: .badInput
        case .unreadable: .inputOutput
        }
    }

    public var description: String {
        switch self {
        case .missing(let path):
            "\(quoted(path)) does not exist."
        case .notARegularFile(let path, let found):
            "\(quoted(path)) should be a regular file but is \(found)."
        case .notAFolder(let path):
            "\(quoted(path)) should be a folder but is a file."
        case .unreadable(let path, let code):
            "\(quoted(path)) cannot be read: \(reason(ofSystemError: code))."
        case .truncated(let path, let offset, let expected, let found):
            """
            \(quoted(path)) is cut short: \(expected) bytes were expected at offset \(offset) and \(found) are \
            there; copy or download the file again.
            """
        case .tooLarge(let path, let size, let limit):
            "\(quoted(path)) holds \(size) bytes, and at most \(limit) are expected in such a file."
        }
    }
}

/// The system's words for an `errno`.
package func reason(ofSystemError code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
