/// Tokens by their ids, as bytes in one array: text is never compared as `String`, which would hold canonically
/// equivalent tokens to be one.
public struct Vocabulary: Sendable, Equatable {
    /// Gemma 2 has 256 000 tokens.
    public static let tokenLimit = 1 << 20
    /// Bytes of one token. Gemma's longest are runs of 31 spaces, 93 bytes.
    public static let lengthLimit = 1024

    /// All tokens, one behind the other.
    private(set) var bytes: [UInt8] = []
    /// Where each token begins, and where the last ends. (count + 1)
    private(set) var offsets: [UInt32] = [0]

    public init() {}

    public var count: Int { offsets.count - 1 }

    /// A token's bytes, valid UTF-8.
    public subscript(id: Int) -> ArraySlice<UInt8> {
        bytes[Int(offsets[id])..<Int(offsets[id + 1])]
    }

    var byteCount: Int { bytes.count }

    func text(_ id: Int) -> String { String(decoding: self[id], as: UTF8.self) }

    mutating func reserve(tokens: Int, bytes byteCount: Int) {
        offsets.reserveCapacity(tokens + 1)
        bytes.reserveCapacity(byteCount)
    }

    /// The caller has checked the limits, with which the offsets stay within 32 bits.
    mutating func append(_ token: some Collection<UInt8>) {
        bytes.append(contentsOf: token)
        offsets.append(UInt32(bytes.count))
    }
}

/// Finds tokens by their bytes: a hash table with open addressing over a vocabulary's ids.
///
/// Hashes are seeded anew in each process, so that no file can choose its collisions.
struct TokenIndex {
    private static let empty = UInt32.max

    private var slots: [UInt32]
    private let mask: Int

    init(capacity: Int) {
        var size = 16
        while size < 2 * capacity { size *= 2 }
        slots = Array(repeating: Self.empty, count: size)
        mask = size - 1
    }

    /// Enters a token; false where its bytes are there already.
    mutating func insert(_ id: Int, of vocabulary: Vocabulary) -> Bool {
        let token = vocabulary[id]
        var slot = hash(token) & mask
        while slots[slot] != Self.empty {
            if vocabulary[Int(slots[slot])] == token { return false }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(id)
        return true
    }

    func find(_ token: ArraySlice<UInt8>, in vocabulary: Vocabulary) -> Int? {
        var slot = hash(token) & mask
        while slots[slot] != Self.empty {
            let id = Int(slots[slot])
            if vocabulary[id] == token { return id }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func hash(_ token: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        var word: UInt64 = 0
        var filled = 0
        for byte in token {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled == 8 {
                hasher.combine(word)
                filled = 0
            }
        }
        hasher.combine(word)
        hasher.combine(token.count)
        return hasher.finalize()
    }
}
