import QuantKernels
import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One instruction-set variant of the kernels.
@safe public struct Tier: @unchecked Sendable {
    /// As `QK_TIER` spells it.
    public let name: String
    let kernels: qk_tier

    package init(kernels: qk_tier) {
        unsafe self.kernels = kernels
        unsafe name = String(cString: kernels.name)
    }

    /// Every tier of this build, the slowest first.
    private static let all: [Tier] = (0..<qk_tier_count()).map {
        unsafe Tier(kernels: qk_tier_at($0).pointee)
    }

    /// The tiers that this CPU and its operating system can run, the slowest first. `scalar` is always there.
    public static let available: [Tier] = all.filter { unsafe $0.kernels.is_supported() }

    /// The tier that the environment variable `QK_TIER` names, or the fastest available one.
    ///
    /// - Throws: `TierError` for a name that is unknown, or known and not supported here.
    public static func selected() throws(TierError) -> Tier {
        guard let value = unsafe getenv("QK_TIER") else { return available[available.count - 1] }
        return try named(unsafe String(cString: value))
    }

    /// The available tier of this name.
    public static func named(_ name: String) throws(TierError) -> Tier {
        if let tier = available.first(where: { $0.name == name }) { return tier }
        let names = available.map(\.name)
        throw all.contains { $0.name == name }
            ? TierError.unsupported(name, available: names) : TierError.unknown(name, available: names)
    }
}

/// A tier that cannot be had.
public enum TierError: Failure {
    case unknown(String, available: [String])
    case unsupported(String, available: [String])

    public var exitCode: ExitCode { .usage }

    public var description: String {
        switch self {
        case .unknown(let name, let available):
            "QK_TIER names an unknown tier \(quoted(name)); this CPU can run \(available.joined(separator: ", "))."
        case .unsupported(let name, let available):
            "QK_TIER names the tier \(quoted(name)), which this CPU cannot run; it can run "
                + available.joined(separator: ", ") + "."
        }
    }
}
