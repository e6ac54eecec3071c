import SanaModel

/// The arguments as the shell gave them.
enum ArgumentCheck {
    /// Refuses arguments that are not UTF-8: Swift would repair them silently, and a prompt or a file name would not
    /// be the one that was given.
    static func requireText() throws(UsageError) {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = unsafe CommandLine.unsafeArgv[index] else { continue }
            guard unsafe String(validatingCString: argument) != nil else {
                throw UsageError(
                    "Argument \(index) is not UTF-8: \(unsafe quoted(String(cString: argument))).")
            }
        }
    }

    /// The arguments with an empty value, `--option=`, as two: the parser would take the next argument for the value.
    static func withEmptyValues(_ arguments: [String]) -> [String] {
        let options = arguments.prefix { $0 != "--" }
        return options.flatMap { argument in
            let name = argument.dropLast()
            let isEmpty =
                argument.hasPrefix("--") && argument.hasSuffix("=") && name != "--" && !name.contains("=")
            return isEmpty ? [String(name), ""] : [argument]
        } + arguments[options.endIndex...]
    }
}

/// The command line asks for something that cannot be done.
struct UsageError: Failure {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    var exitCode: SanaModel.ExitCode { .usage }
}
