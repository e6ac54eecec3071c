import SanaModel

/// A number in a run that is not finite.
public enum ActivationError: Failure {
    case notFinite(layer: String)

    public var exitCode: ExitCode { .internalFailure }

    public var description: String {
        switch self {
        case .notFinite(let layer):
            "The input of layer \(quoted(layer)) holds a number that is NaN or infinite, so the picture would be "
                + "wrong; the weights may be damaged, or of a type whose range the model exceeds."
        }
    }
}
