import CPNG
import SanaModel

/// Why a PNG file cannot be written or read.
public enum PNGError: Failure {
    /// The picture has no pixels, or too many for a PNG.
    case size(width: Int, height: Int)
    case cannotWrite(file: String, reason: String)
    case cannotRead(file: String, reason: String)
    case damaged(file: String, reason: String)

    public var exitCode: ExitCode {
        switch self {
        case .size: .internalFailure
        case .cannotWrite, .cannotRead: .inputOutput
        case .damaged: .badInput
        }
    }

    public var description: String {
        switch self {
        case .size(let width, let height): "A PNG cannot hold \(width) x \(height) pixels."
        case .cannotWrite(let file, let reason): "The picture \(quoted(file)) cannot be written: \(reason)."
        case .cannotRead(let file, let reason): "The picture \(quoted(file)) cannot be read: \(reason)."
        case .damaged(let file, let reason): "\(quoted(file)) is not a sound PNG: \(reason)."
        }
    }
}

extension cpng_error {
    /// What the system or libpng says.
    var reason: String {
        if system_error != 0 { return SanaModel.reason(ofSystemError: system_error) }
        var message = message
        return unsafe withUnsafeBytes(of: &message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
