/// The exit codes of `sana-quant`, one per way in which a run can end.
public enum ExitCode: Int32, Sendable {
    /// A quality gate was not met.
    case qualityGate = 2
    /// The command line asks for something that cannot be done.
    case usage = 64
    /// An input is not what it claims to be.
    case badInput = 65
    /// An input is missing.
    case missingInput = 66
    /// A fault of ours, or a number that is not finite in an activation.
    case internalFailure = 70
    /// An output cannot be created, or exists already.
    case cannotCreate = 73
    /// Reading or writing failed, or the disk is full.
    case inputOutput = 74
    /// Ctrl-C.
    case interrupted = 130
    /// SIGTERM.
    case terminated = 143
}

/// An error that a person can act on.
///
/// `description` is one sentence that says what, where, what was expected, what was found and, where it helps,
/// what to do. Each part of the project has its own enumeration of the ways in which its input can be wrong.
public protocol Failure: Error, CustomStringConvertible, Sendable {
    var exitCode: ExitCode { get }
}

/// Shows a name that came out of a file or a command line: at most 80 characters, control characters escaped.
public func quoted(_ name: String) -> String {
    var shown = "\""
    for (count, scalar) in name.unicodeScalars.enumerated() {
        if count == 80 {
            shown += "…"
            break
        }
        if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar == "\"" {
            shown += scalar.escaped(asASCII: true)
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown + "\""
}
