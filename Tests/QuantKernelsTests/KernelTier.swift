import QuantKernels
import Testing

/// A tier that this CPU can run, as the argument of a test.
@safe struct KernelTier: Sendable, CustomTestStringConvertible {
    let name: String
    let kernels: qk_tier

    var testDescription: String { name }

    /// Every tier that this CPU can run, `scalar` first.
    static let all: [KernelTier] = (0..<qk_tier_count()).compactMap { index in
        let tier = unsafe qk_tier_at(index).pointee
        return unsafe tier.is_supported() ? KernelTier(name: String(cString: tier.name), kernels: tier) : nil
    }

    static var scalar: KernelTier { all[0] }
}

/// Numbers that are the same in every run (splitmix64).
struct Numbers {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// -limit ... limit
    mutating func float(_ limit: Float = 1) -> Float {
        (Float(next() >> 40) / Float(1 << 23) - 1) * limit
    }

    mutating func floats(_ count: Int, _ limit: Float = 1) -> [Float] {
        (0..<count).map { _ in float(limit) }
    }

    /// -127 ... 127
    mutating func int8(_ count: Int) -> [Int8] {
        (0..<count).map { _ in Int8(Int(next() % 255) - 127) }
    }
}

extension [Float] {
    var bits: [UInt32] { map(\.bitPattern) }
}
