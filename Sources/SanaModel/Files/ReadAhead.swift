import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread that reads parts of a file before they are wanted, so that they are in the system's page cache then: the
/// disk works while the processors compute, and no memory of ours is held meanwhile.
///
/// What cannot be read is left to whoever wants it. (Asking with `posix_fadvise` instead fetches no more for one call
/// than the device's window of reading ahead, and lets the caller wait where the device's queue is full.)
package final class ReadAhead: Sendable {
    private let queue: RangeQueue
    private let handle: pthread_t?

    package init(_ file: FileReader) {
        queue = RangeQueue(file)
        var handle = pthread_t()
        let argument = unsafe Unmanaged.passRetained(queue)
        if unsafe pthread_create(&handle, nil, readAhead, argument.toOpaque()) == 0 {
            self.handle = handle
        } else {
            // A run needs no such thread.
            unsafe argument.release()
            self.handle = nil
        }
    }

    deinit {
        queue.stop()
        if let handle { pthread_join(handle, nil) }
    }

    /// Parts of the file that are wanted next, in this order, in place of those that the thread has not come to.
    package func fetch(_ ranges: [Range<Int>]) { queue.replace(with: ranges) }

    /// Whether the thread has nothing to do.
    package var isIdle: Bool { queue.isIdle }
}

private func readAhead(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    unsafe Unmanaged<RangeQueue>.fromOpaque(argument).takeRetainedValue().work()
    return nil
}

/// What the thread and those who ask for parts share.
@safe private final class RangeQueue: @unchecked Sendable {
    private let file: FileReader
    // Touched by the lock's holder alone.
    private var ranges: [Range<Int>] = []
    private var isStopped = false
    private var isWaiting = false
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>

    /// Bytes that are read at once.
    private static let pieceSize = 1 << 20

    init(_ file: FileReader) {
        self.file = file
        unsafe lock = .allocate(capacity: 1)
        unsafe wake = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(wake, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe pthread_cond_destroy(wake)
        unsafe lock.deallocate()
        unsafe wake.deallocate()
    }

    func replace(with ranges: [Range<Int>]) {
        locked {
            self.ranges = ranges.reversed()
            unsafe pthread_cond_signal(wake)
        }
    }

    func stop() {
        locked {
            isStopped = true
            unsafe pthread_cond_signal(wake)
        }
    }

    var isIdle: Bool { locked { isWaiting && ranges.isEmpty } }

    func work() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 4096)
        defer { unsafe memory.deallocate() }
        while let piece = next() {
            // Whoever wants the piece meets the error, too.
            if !file.isCached(piece.upperBound - 1) {
                _ = try? unsafe file.read(
                    at: piece.lowerBound,
                    into: UnsafeMutableRawBufferPointer(rebasing: memory[..<piece.count]))
            }
        }
    }

    /// The next piece; nil when the thread is to end.
    private func next() -> Range<Int>? {
        locked {
            while ranges.isEmpty, !isStopped {
                isWaiting = true
                unsafe pthread_cond_wait(wake, lock)
            }
            isWaiting = false
            guard !isStopped, let range = ranges.popLast() else { return nil }
            let end = min(range.lowerBound + Self.pieceSize, range.upperBound)
            if end < range.upperBound { ranges.append(end..<range.upperBound) }
            return range.lowerBound..<end
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body()
    }
}
