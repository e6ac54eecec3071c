import SanaModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where a run's words go: results, and nothing else, to standard output; progress and messages to standard error.
enum Console {
    /// Puts something in the place of a standard stream that is closed: the next file that is opened would take it, and
    /// messages would go into that file. What is read from there, and results that are written there, fail as before.
    static func occupyStandardStreams() {
        for (stream, mode) in [
            (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
        ] where fcntl(stream, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", mode)
        }
    }

    /// Whether standard error is a terminal that can redraw a line.
    static let isTerminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

    /// Whether a progress bar stands unfinished on the terminal's last line.
    private static let lineIsOpen = Mutex(false)

    /// Writes a line of results to standard output.
    static func result(_ line: String) throws(ConsoleError) {
        let code = send(line + "\n", to: STDOUT_FILENO)
        guard code == 0 else { throw ConsoleError(code: code) }
    }

    /// Leaves what was drawn last on the terminal and begins a new line.
    static func endLine() {
        lineIsOpen.withLock { isOpen in
            if isOpen { _ = send("\n", to: STDERR_FILENO) }
            isOpen = false
        }
    }

    /// Writes a line to standard error. Where it cannot be written there is nobody to tell.
    static func note(_ line: String) {
        endLine()
        _ = send(line + "\n", to: STDERR_FILENO)
    }

    /// Writes a sentence that is the tool's own to standard error. What it repeats of the command line may hold
    /// characters that a terminal would obey.
    static func message(_ sentence: String) {
        note("sana-quant: \(withoutControls(sentence))")
    }

    /// Draws over the terminal's last line and leaves it open.
    static func redraw(_ line: String) {
        lineIsOpen.withLock { isOpen in
            _ = send("\r\(line)\u{1B}[K", to: STDERR_FILENO)
            isOpen = true
        }
    }

    /// 0, or the `errno` of the write that failed.
    private static func send(_ text: String, to descriptor: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = unsafe bytes.withUnsafeBytes { memory in
                unsafe write(descriptor, memory.baseAddress, memory.count)
            }
            if written >= 0 {
                bytes = bytes.dropFirst(written)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// The text with its control characters written out, but for the ends of its lines.
private func withoutControls(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
        if scalar != "\n", scalar.properties.generalCategory == .control {
            shown += scalar.escaped(asASCII: true)
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

/// The results cannot be written to standard output.
struct ConsoleError: Failure {
    let code: Int32

    var exitCode: SanaModel.ExitCode { .inputOutput }

    var description: String {
        "The result cannot be written to standard output: \(reason(ofSystemError: code))."
    }
}
