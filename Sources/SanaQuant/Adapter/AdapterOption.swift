import SanaModel

/// An adapter as the command line names it: `FILE`, or `FILE:SCALE`. A file whose name ends like a scale is meant
/// whole.
struct AdapterOption {
    let path: String
    let scale: Double

    /// The largest scale, either way.
    private static let limit = 1000.0

    init(_ text: String) throws {
        guard !somethingExists(at: text), let colon = text.lastIndex(of: ":") else {
            (path, scale) = (text, 1)
            return
        }
        path = String(text[..<colon])
        let number = String(text[text.index(after: colon)...])
        guard let scale = Double(number), scale.magnitude <= Self.limit else {
            guard somethingExists(at: path) else { throw FileError.missing(path: text) }
            throw AdapterError.scale(adapter: path, found: number)
        }
        self.scale = scale
    }
}

/// An adapter that cannot be merged as it is asked for.
public enum AdapterError: Failure, Equatable {
    case scale(adapter: String, found: String)
    case notFinite(tensor: String, row: Int)
    case range(tensor: String, row: Int)

    public var exitCode: ExitCode {
        if case .scale = self { .usage } else { .badInput }
    }

    public var description: String {
        switch self {
        case .scale(let adapter, let found):
            "The scale of the adapter \(quoted(adapter)) is \(quoted(found)), expected a number from -1000 to 1000."
        case .notFinite(let tensor, let row):
            "The adapters make row \(row) of \(quoted(tensor)) NaN or infinite; leave one out or lower its scale."
        case .range(let tensor, let row):
            """
            The adapters make a number in row \(row) of \(quoted(tensor)) too large for the checkpoint's 16 bits; \
            lower their scales.
            """
        }
    }
}
