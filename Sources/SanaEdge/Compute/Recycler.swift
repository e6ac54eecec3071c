import Synchronization

/// Buffers that have been used and wait to be used again: memory that is fresh from the system costs a page fault
/// for every 4 KiB.
final class Recycler<Element: BitwiseCopyable & Sendable>: Sendable {
    private let free = Mutex<[Buffer<Element>]>([])

    /// A buffer of at least this size, holding any values.
    func take(count: Int) -> Buffer<Element> {
        let found: Buffer<Element>? = free.withLock { free in
            let fitting = free.indices.filter { free[$0].count >= count && free[$0].count / 2 <= count }
            guard let best = fitting.min(by: { free[$0].count < free[$1].count }) else { return nil }
            return free.remove(at: best)
        }
        return found ?? Buffer(count: count)
    }

    func clear() { free.withLock { $0 = [] } }

    func give(_ buffer: Buffer<Element>) {
        guard buffer.count * MemoryLayout<Element>.stride <= greatestBytes else { return }
        free.withLock { free in
            if free.count == limit { free.removeFirst() }
            free.append(buffer)
        }
    }
}

private let limit = 4
/// Larger ones go back to the system: what they would save is little beside the work done on them.
private let greatestBytes = 16 << 20
