import ArgumentParser
import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The version that `--version` and the pictures' metadata show.
let version = "0.1.0"

@main
struct SanaQuantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sana-quant",
        abstract: "Turn a Sana checkpoint into one compact file, and make pictures from it on a CPU.",
        discussion: """
            A checkpoint is a diffusers pipeline folder of several gigabytes of 16-bit weights, made for GPUs. A pack \
            is one file with the same model in INT8 and 16 bits, which a small computer without a GPU can run.

            Start with:
              sana-quant convert Sana_600M_512px_diffusers -o sana.sanaq
              sana-quant generate sana.sanaq --prompt "a lighthouse at dusk"

            Results go to standard output, progress and messages to standard error.

            Environment:
              QK_TIER  the kernels' instruction set, in place of the best one

            Exit codes:
              0    success
              2    a quality gate was not met
              64   the command line asks for something that cannot be done
              65   an input is not what it claims to be
              66   an input is missing
              70   a fault of the tool, or a number that is not finite in an activation
              73   an output cannot be created, or exists already
              74   reading or writing failed, or the disk is full
              130  stopped by Ctrl-C
              143  stopped by SIGTERM or SIGHUP
            """,
        version: version,
        subcommands: [
            Convert.self, Inspect.self, Verify.self, Generate.self, Calibrate.self, Check.self, Export.self,
            Bench.self,
        ])

    static func main() {
        Console.occupyStandardStreams()
        Interruption.install()
        do {
            try ArgumentCheck.requireText()
            var command = try parsed(
                ArgumentCheck.withEmptyValues(Array(CommandLine.arguments.dropFirst())))
            try command.run()
        } catch let failure as any Failure {
            Console.message(failure.description)
            leave(failure.exitCode.rawValue)
        } catch {
            leave(end(with: error))
        }
    }

    /// A command that takes a file cannot have subcommands too: the parser would take their names for the file's.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        arguments.starts(with: ["check", "merge"])
            ? try CheckMerge.parseAsRoot(Array(arguments.dropFirst(2))) : try parseAsRoot(arguments)
    }

    /// Help and usage errors, which ArgumentParser words, and errors that nothing in the tool should throw.
    private static func end(with error: any Error) -> Int32 {
        switch exitCode(for: error) {
        case .success:
            do {
                try Console.result(fullMessage(for: error))
                return 0
            } catch {
                Console.message(error.description)
                return error.exitCode.rawValue
            }
        case .validationFailure:
            let sentence = message(for: error)
            Console.message(sentence.last.map(".?!".contains) == true ? sentence : sentence + ".")
            // The last line names the help of the subcommand that was asked for.
            if let hint = fullMessage(for: error).split(separator: "\n").last { Console.note(String(hint)) }
            return SanaModel.ExitCode.usage.rawValue
        default:
            Console.message("An internal error: \(error).")
            return SanaModel.ExitCode.internalFailure.rawValue
        }
    }
}

/// Ends the process. A command has a method `exit` of its own.
private func leave(_ code: Int32) -> Never {
    exit(code)
}
