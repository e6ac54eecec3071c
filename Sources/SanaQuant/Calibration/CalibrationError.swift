import SanaModel

/// The ways in which a calibration cannot be made or used.
public enum CalibrationError: Failure, Equatable {
    case notReference(pack: String, tensor: String, scheme: Scheme)
    case calibratedPack(pack: String)
    case notCalibration(file: String)
    case otherArchitecture(file: String, model: String)
    case unexpected(file: String, tensor: String)
    case missing(file: String, tensor: String)
    case shape(file: String, tensor: String, found: String, expected: String)
    case values(file: String, tensor: String)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .notReference(let pack, let tensor, let scheme):
            """
            \(quoted(pack)) cannot be measured: its tensor \(quoted(tensor)) is of scheme \(scheme.name), and a \
            reference has none in INT8; convert the checkpoint with --policy fp16.
            """
        case .calibratedPack(let pack):
            """
            \(quoted(pack)) cannot be measured: a calibration has moved factors in it already; convert the checkpoint \
            with --policy fp16 and without --calibration.
            """
        case .notCalibration(let file):
            "\(quoted(file)) is no calibration; `sana-quant calibrate` writes one."
        case .otherArchitecture(let file, let model):
            """
            \(quoted(file)) was measured on the model \(quoted(model)), whose tensors are not those of this \
            checkpoint; run `sana-quant calibrate` on a pack of this checkpoint.
            """
        case .unexpected(let file, let tensor):
            "\(quoted(file)) has a tensor \(quoted(tensor)), which belongs to no layer of this model."
        case .missing(let file, let tensor):
            "\(quoted(file)) has no tensor \(quoted(tensor)); run `sana-quant calibrate` again."
        case .shape(let file, let tensor, let found, let expected):
            "The tensor \(quoted(tensor)) in \(quoted(file)) is \(found), expected \(expected)."
        case .values(let file, let tensor):
            """
            The tensor \(quoted(tensor)) in \(quoted(file)) holds a number that no measurement gives; run \
            `sana-quant calibrate` again.
            """
        }
    }
}
