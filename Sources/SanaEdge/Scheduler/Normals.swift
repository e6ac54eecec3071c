#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Normal random numbers as `torch.randn(..., generator=torch.Generator("cpu").manual_seed(seed))` draws them:
/// mt19937, 24-bit uniform numbers, and the Box-Muller transform in groups of sixteen.
///
/// The transcendental functions are evaluated in double precision and rounded, so every machine draws the same
/// numbers; torch's own vary in the last bit from one instruction set to the next.
public struct Normals: Sendable {
    private var generator: MersenneTwister
    /// What is left of the last pair of a short draw. Long draws leave it alone, as torch's do.
    private var spare: Double?

    /// - Parameter seed: As in torch, only the low 32 bits count.
    public init(seed: UInt64) {
        generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    }

    /// The next `count` numbers, as one call of `torch.randn` in float32 draws them.
    public mutating func draw(_ count: Int) -> [Float] {
        guard count >= 16 else { return (0..<count).map { _ in drawOne() } }
        var values = (0..<count).map { _ in uniform() }
        for start in stride(from: 0, through: count - 16, by: 16) {
            boxMuller(&values, at: start)
        }
        if count % 16 != 0 {
            for index in count - 16..<count { values[index] = uniform() }
            boxMuller(&values, at: count - 16)
        }
        return values
    }

    /// A multiple of 2^-24 in [0, 1).
    private mutating func uniform() -> Float {
        Float(generator.next() & 0xFF_FFFF) * 0x1p-24
    }

    /// A multiple of 2^-53 in [0, 1).
    private mutating func uniformDouble() -> Double {
        let high = UInt64(generator.next())
        let low = UInt64(generator.next())
        return Double((high << 32 | low) & 0x1F_FFFF_FFFF_FFFF) * 0x1p-53
    }

    /// Sixteen uniform numbers in place: eight for radii, then eight for angles.
    private func boxMuller(_ values: inout [Float], at start: Int) {
        // Float.pi is rounded towards zero, torch's constant to nearest.
        let twoPi = Float(2 * Double.pi)
        for index in start..<start + 8 {
            let radius = (-2 * Float(log(Double(1 - values[index])))).squareRoot()
            let angle = Double(twoPi * values[index + 8])
            values[index] = radius * Float(cos(angle))
            values[index + 8] = radius * Float(sin(angle))
        }
    }

    /// torch's path for fewer than sixteen numbers, in double precision.
    private mutating func drawOne() -> Float {
        if let value = spare {
            spare = nil
            return Float(value)
        }
        let angle = 2 * Double.pi * uniformDouble()
        let radius = (-2 * log1p(-uniformDouble())).squareRoot()
        spare = radius * sin(angle)
        return Float(radius * cos(angle))
    }
}

/// mt19937 of Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform
/// pseudo-random number generator" (1998).
private struct MersenneTwister {
    private static let length = 624
    private var state: [UInt32]
    private var position = length

    init(seed: UInt32) {
        state = [seed]
        for index in 1..<UInt32(Self.length) {
            let last = state[state.count - 1]
            state.append(1_812_433_253 &* (last ^ last >> 30) &+ index)
        }
    }

    mutating func next() -> UInt32 {
        if position == Self.length { twist() }
        var value = state[position]
        position += 1
        value ^= value >> 11
        value ^= value << 7 & 0x9D2C_5680
        value ^= value << 15 & 0xEFC6_0000
        return value ^ value >> 18
    }

    private mutating func twist() {
        for index in 0..<Self.length {
            let mixed = state[index] & 0x8000_0000 | state[(index + 1) % Self.length] & 0x7FFF_FFFF
            let twisted = mixed >> 1 ^ (mixed & 1) &* 0x9908_B0DF
            state[index] = state[(index + 397) % Self.length] ^ twisted
        }
        position = 0
    }
}
