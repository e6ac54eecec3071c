import Synchronization

/// Bytes that several threads have dealt with, told to one listener, one call at a time.
final class ByteProgress: Sendable {
    private let total: Int
    private let done = Mutex(0)
    private let listener: @Sendable (Int, Int) throws -> Void

    /// `listener` takes the bytes that are done and all bytes, and may throw to stop.
    init(total: Int, _ listener: @escaping @Sendable (Int, Int) throws -> Void) {
        self.total = total
        self.listener = listener
    }

    func add(_ count: Int) throws {
        try done.withLock { done in
            done += count
            try listener(done, total)
        }
    }
}
