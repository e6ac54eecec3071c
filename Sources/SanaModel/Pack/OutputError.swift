#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The ways in which an output cannot be written.
public enum OutputError: Failure, Equatable {
    case exists(path: String)
    case notAFile(path: String)
    case cannotCreate(path: String, code: Int32)
    case noSpace(path: String, needed: Int, free: Int)
    case full(path: String)
    case failed(path: String, code: Int32)
    case abandoned(path: String)

    public var exitCode: ExitCode {
        switch self {
        case .exists, .notAFile, .cannotCreate: .cannotCreate
        case .noSpace, .full, .failed: .inputOutput
        case .abandoned: .interrupted
        }
    }

    public var description: String {
        switch self {
        case .exists(let path):
            "\(quoted(path)) exists already; name another file or pass --overwrite to replace it."
        case .notAFile(let path):
            "\(quoted(path)) cannot be written, because it is no regular file; name another one."
        case .cannotCreate(let path, ENOENT):
            "\(quoted(path)) cannot be created, because its folder does not exist; make the folder first."
        case .cannotCreate(let path, let code):
            "\(quoted(path)) cannot be created: \(reason(ofSystemError: code))."
        case .noSpace(let path, let needed, let free):
            """
            \(quoted(path)) needs \(needed) bytes where its disk has \(free) free; free some or name \
            another disk.
            """
        case .full(let path):
            "\(quoted(path)) could not be written, because its disk is full; nothing was left behind."
        case .failed(let path, let code):
            "\(quoted(path)) could not be written: \(reason(ofSystemError: code)); nothing was left behind."
        case .abandoned(let path):
            "\(quoted(path)) was given up before it was whole; nothing was left behind."
        }
    }
}
