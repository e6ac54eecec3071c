/// A pattern over tensor names.
///
/// `*` stands for any run of characters, dots included, also the empty one. `?` stands for exactly one character.
/// Every other character stands for itself. The whole name must match.
public struct Glob: Sendable, Hashable, CustomStringConvertible {
    public let pattern: String
    private let bytes: [UInt8]

    /// Nil where the pattern is empty or has a character that no tensor name has, such as a bracket or a space.
    public init?(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        guard !bytes.isEmpty, bytes.allSatisfy(Self.isAllowed) else { return nil }
        self.pattern = pattern
        self.bytes = bytes
    }

    /// The pattern of a `--keep` option.
    init(keeping pattern: String) throws(PolicyError) {
        guard let glob = Glob(pattern) else { throw .badKeep(pattern) }
        self = glob
    }

    public var description: String { pattern }

    /// Takes time proportional to the two lengths' product at worst: after a mismatch only the last star grows.
    public func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var (n, p) = (0, 0)
        var lastStar: (pattern: Int, name: Int)?
        while n < name.count {
            if p < bytes.count, bytes[p] == UInt8(ascii: "*") {
                lastStar = (p, n)
                p += 1
            } else if p < bytes.count, bytes[p] == UInt8(ascii: "?") || bytes[p] == name[n] {
                n += 1
                p += 1
            } else if let star = lastStar {
                lastStar = (star.pattern, star.name + 1)
                p = star.pattern + 1
                n = star.name + 1
            } else {
                return false
            }
        }
        return bytes[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "*"), UInt8(ascii: "?"):
            true
        default: false
        }
    }
}
