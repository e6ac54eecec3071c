import Synchronization

/// Buffers that have been used and wait to be used again: memory that is fresh from the system costs a page fault
/// for every 4 KiB.
final class Recycler: Sendable {
    private static let limit = 4
    /// Larger ones go back to the system: what they would save is little beside the work done on them.
    private static let greatest = 16 << 20
    private let free = Mutex<[Buffer<UInt8>]>([])

    /// A buffer of at least this size, holding any values.
    func take(count: Int) -> Buffer<UInt8> {
        let found: Buffer<UInt8>? = free.withLock { free in
            let fitting = free.indices.filter { free[$0].count >= count && free[$0].count / 2 <= count }
            guard let best = fitting.min(by: { free[$0].count < free[$1].count }) else { return nil }
            return free.remove(at: best)
        }
        return found ?? Buffer(count: count)
    }

    func clear() { free.withLock { $0 = [] } }

    func give(_ buffer: Buffer<UInt8>) {
        guard buffer.count <= Recycler.greatest else { return }
        free.withLock { free in
            if free.count == Recycler.limit { free.removeFirst() }
            free.append(buffer)
        }
    }
}
