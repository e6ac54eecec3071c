/// The 64-bit xxHash, taken over all bytes handed to `update`.
///
/// It finds damage, not tampering. The algorithm is the one of the xxHash specification 0.1.1, with seed 0
/// unless said otherwise.
public struct XXH64: Sendable {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
    private static let stripe = 32

    private let seed: UInt64
    private var lane1: UInt64
    private var lane2: UInt64
    private var lane3: UInt64
    private var lane4: UInt64
    private var total = 0
    /// The bytes behind the last whole stripe.
    private var pending: [UInt8] = []

    public init(seed: UInt64 = 0) {
        self.seed = seed
        lane1 = seed &+ Self.prime1 &+ Self.prime2
        lane2 = seed &+ Self.prime2
        lane3 = seed
        lane4 = seed &- Self.prime1
    }

    public static func hash(_ bytes: [UInt8]) -> UInt64 {
        unsafe hash(bytes.span.bytes)
    }

    public static func hash(_ bytes: RawSpan) -> UInt64 {
        var state = XXH64()
        state.update(bytes)
        return state.finish()
    }

    public mutating func update(_ bytes: [UInt8]) {
        unsafe update(bytes.span.bytes)
    }

    public mutating func update(_ bytes: RawSpan) {
        total += bytes.byteCount
        var offset = 0
        if !pending.isEmpty {
            offset = min(Self.stripe - pending.count, bytes.byteCount)
            append(bytes, 0..<offset)
            guard pending.count == Self.stripe else { return }
            let stripe = pending
            pending = []
            _ = unsafe absorb(stripe.span.bytes, from: 0)
        }
        offset = absorb(bytes, from: offset)
        append(bytes, offset..<bytes.byteCount)
    }

    /// The hash of what has been seen so far; more may follow.
    public func finish() -> UInt64 {
        var hash: UInt64
        if total >= Self.stripe {
            hash = Self.rotate(lane1, 1) &+ Self.rotate(lane2, 7)
            hash &+= Self.rotate(lane3, 12) &+ Self.rotate(lane4, 18)
            for lane in [lane1, lane2, lane3, lane4] {
                hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
            }
        } else {
            hash = seed &+ Self.prime5
        }
        hash &+= UInt64(total)

        let tail = unsafe pending.span.bytes
        var offset = 0
        while offset + 8 <= tail.byteCount {
            hash ^= Self.round(0, Self.word(tail, offset))
            hash = Self.rotate(hash, 27) &* Self.prime1 &+ Self.prime4
            offset += 8
        }
        if offset + 4 <= tail.byteCount {
            let half = unsafe tail.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
            hash ^= UInt64(UInt32(littleEndian: half)) &* Self.prime1
            hash = Self.rotate(hash, 23) &* Self.prime2 &+ Self.prime3
            offset += 4
        }
        for index in offset..<tail.byteCount {
            hash ^= UInt64(pending[index]) &* Self.prime5
            hash = Self.rotate(hash, 11) &* Self.prime1
        }
        hash = (hash ^ (hash >> 33)) &* Self.prime2
        hash = (hash ^ (hash >> 29)) &* Self.prime3
        return hash ^ (hash >> 32)
    }

    /// Takes in all whole stripes from `start` on and returns where they end.
    private mutating func absorb(_ bytes: RawSpan, from start: Int) -> Int {
        var (a, b, c, d) = (lane1, lane2, lane3, lane4)
        var offset = start
        while bytes.byteCount - offset >= Self.stripe {
            a = Self.round(a, Self.word(bytes, offset))
            b = Self.round(b, Self.word(bytes, offset + 8))
            c = Self.round(c, Self.word(bytes, offset + 16))
            d = Self.round(d, Self.word(bytes, offset + 24))
            offset += Self.stripe
        }
        (lane1, lane2, lane3, lane4) = (a, b, c, d)
        return offset
    }

    private mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        for index in range {
            unsafe pending.append(bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt8.self))
        }
    }

    @inline(__always)
    private static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 {
        value &<< by | value &>> (64 - by)
    }
}
