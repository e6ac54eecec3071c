import CPNG
import SanaModel

/// Why a picture cannot be made a PNG, or a PNG a picture.
public enum PNGError: Failure {
    /// The picture has no pixels, or too many for a PNG.
    case size(width: Int, height: Int)
    case encoding(reason: String)
    case damaged(file: String, reason: String)

    public var exitCode: ExitCode {
        switch self {
        case .size, .encoding: .internalFailure
        case .damaged: .badInput
        }
    }

    public var description: String {
        switch self {
        case .size(let width, let height): "A PNG cannot hold \(width)x\(height) pixels."
        case .encoding(let reason): "The picture cannot be made a PNG: \(reason)."
        case .damaged(let file, let reason): "\(quoted(file)) is not a sound PNG: \(reason)."
        }
    }
}

/// Where libpng leaves its reasons, at an address that stays the same.
@safe final class PNGFault {
    let error: UnsafeMutablePointer<cpng_error>

    init() {
        unsafe error = .allocate(capacity: 1)
        unsafe error.initialize(to: cpng_error())
    }

    deinit {
        unsafe error.deallocate()
    }

    var reason: String {
        unsafe withUnsafeBytes(of: &error.pointee) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
