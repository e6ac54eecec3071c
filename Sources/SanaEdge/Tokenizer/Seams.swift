import SanaModel

/// Between which tokens of a text a merge may ever reach.
///
/// A merge across the seam between two neighbours joins a token whose text ends as the first one's does with a
/// token whose text begins as the second one's does. The pairs of such characters are entered into a set of bits
/// by their hash; where two pairs share a bit, a seam counts as one that can be joined, which is always right.
struct Seams {
    private static let bitCount = 1 << 20

    private var bits = [UInt64](repeating: 0, count: bitCount / 64)
    /// The first and the last character of each token.
    private let first: [UInt32]
    private let last: [UInt32]

    init(_ tables: TokenizerTables) {
        let vocabulary = tables.vocabulary
        first = (0..<vocabulary.count).map { firstScalar(vocabulary[$0])?.value ?? 0 }
        last = (0..<vocabulary.count).map { lastScalar(vocabulary[$0])?.value ?? 0 }
        tables.merges.forEachPair { left, right in
            let bit = Self.bit(last[Int(left)], first[Int(right)])
            bits[bit / 64] |= 1 << UInt64(bit % 64)
        }
    }

    func canJoin(_ left: UInt32, _ right: UInt32) -> Bool {
        let bit = Self.bit(last[Int(left)], first[Int(right)])
        return bits[bit / 64] & 1 << UInt64(bit % 64) != 0
    }

    private static func bit(_ left: UInt32, _ right: UInt32) -> Int {
        let pair = UInt64(left) << 32 | UInt64(right)
        return Int(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) >> 44)
    }
}
