import SanaModel

/// The ways in which a policy can be wrong, or not fit a model.
public enum PolicyError: Failure {
    case neitherPresetNorFile(String)
    case notYAML(file: String, line: Int?, problem: String)
    case notText(file: String)
    case anchor(file: String, line: Int)
    case notA(String, what: String, file: String, line: Int)
    case unknownKey(String, known: [String], file: String, line: Int)
    case missingKey(String, what: String, file: String, line: Int)
    case noRules(file: String)
    case unknownScheme(String, file: String, line: Int)
    case badGlob(String, file: String, line: Int)
    case badKeep(String)
    case keepNamesNothing(String)
    case noRule(policy: String, tensor: String)
    case noArithmetic(policy: String, line: Int, tensor: String, scheme: Scheme, possible: [Scheme])

    public var exitCode: ExitCode {
        switch self {
        case .neitherPresetNorFile: .missingInput
        case .badKeep, .keepNamesNothing: .usage
        default: .badInput
        }
    }

    public var description: String {
        switch self {
        case .neitherPresetNorFile(let name):
            "There is no policy \(quoted(name)): it is none of "
                + "\(Preset.allCases.map(\.rawValue).joined(separator: ", ")), and no such file exists."
        case .notYAML(let file, let line, let problem):
            "The policy \(Self.place(file, line)) is not valid YAML: \(problem)."
        case .notText(let file):
            "The policy \(quoted(file)) is not UTF-8 text."
        case .anchor(let file, let line):
            "The policy \(Self.place(file, line)) defines a YAML anchor, which policies do not have; "
                + "put a text with & in quotes."
        case .notA(let expected, let what, let file, let line):
            "In the policy \(Self.place(file, line)) \(what) must be \(expected)."
        case .unknownKey(let key, let known, let file, let line):
            "The policy \(Self.place(file, line)) has an unknown key \(quoted(key)); known are "
                + "\(known.joined(separator: ", "))."
        case .missingKey(let key, let what, let file, let line):
            "In the policy \(Self.place(file, line)) \(what) has no \(quoted(key))."
        case .noRules(let file):
            "The policy \(quoted(file)) has no rules; it needs a list \(quoted("rules"))."
        case .unknownScheme(let scheme, let file, let line):
            "The policy \(Self.place(file, line)) gives an unknown scheme \(quoted(scheme)); known are "
                + "\(Scheme.allCases.map(\.name).joined(separator: ", "))."
        case .badGlob(let glob, let file, let line):
            "The policy \(Self.place(file, line)) has a pattern \(quoted(glob)) that can match no tensor; a pattern "
                + "is letters, digits, dots, \"_\" and \"-\", with * for any run of characters and ? for one."
        case .badKeep(let glob):
            "--keep \(quoted(glob)) can match no tensor; a pattern is letters, digits, dots, \"_\" and \"-\", "
                + "with * for any run of characters and ? for one."
        case .keepNamesNothing(let glob):
            "--keep \(quoted(glob)) matches none of the checkpoint's tensors; convert without it and read the names "
                + "with inspect --tensors."
        case .noRule(let policy, let tensor):
            "No rule of the policy \(quoted(policy)) names the tensor \(quoted(tensor)); end the policy with a rule "
                + "that matches \"*\"."
        case .noArithmetic(let policy, let line, let tensor, let scheme, let possible):
            "The rule at line \(line) of the policy \(quoted(policy)) gives \(scheme.name) to \(quoted(tensor)), "
                + "which can only be \(possible.map(\.name).joined(separator: " or "))."
        }
    }

    private static func place(_ file: String, _ line: Int?) -> String {
        line.map { "\(quoted(file)), line \($0)," } ?? quoted(file)
    }
}
