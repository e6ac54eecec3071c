import QuantKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Threads that wait for work: they look for it for a few tenths of a millisecond, then sleep.
///
/// Work is a number of independent parts. Each thread begins with a range of its own, the same share of every piece of
/// work, so that it finds the rows that it made before in its own cache; when it is done with these it takes what is
/// left of the others'. The thread that asks for the work takes part in it.
final class WorkerPool: Sendable {
    private let shared: Shared
    private let handles: [pthread_t]

    /// Threads that there are, the asking one among them: fewer than were wanted where the system has no more.
    var threads: Int { handles.count + 1 }

    init(threads: Int) {
        let shared = Shared(threads: threads)
        var handles: [pthread_t] = []
        for number in 1..<max(threads, 1) {
            let start = unsafe Unmanaged.passRetained(Start(shared: shared, number: number))
            var handle = pthread_t()
            guard unsafe pthread_create(&handle, nil, runWorker, start.toOpaque()) == 0 else {
                unsafe start.release()
                break
            }
            handles.append(handle)
        }
        shared.keep(threads: handles.count + 1)
        self.shared = shared
        self.handles = handles
    }

    deinit {
        shared.stop()
        for handle in handles { pthread_join(handle, nil) }
    }

    /// Calls `body` with each of 0 ..< count and with the memory of the thread that it runs on.
    func run(_ count: Int, _ body: (Int, Worker) -> Void) {
        guard count > 0 else { return }
        shared.run(count, body)
    }

    /// Frees the memory that the threads have of their own.
    func releaseMemory() { shared.releaseMemory() }
}

/// What belongs to one thread: its range of parts, and memory that lasts from one piece of work to the next.
@safe final class Worker: @unchecked Sendable {
    private var buffer = Buffer<Float>(count: 0)
    /// The next part of the range that nobody has taken.
    private let next = Atomic<Int>(0)
    private var end = 0

    /// Called while nobody works.
    fileprivate func assign(_ parts: Range<Int>) {
        next.store(parts.lowerBound, ordering: .relaxed)
        end = parts.upperBound
    }

    /// A part that nobody has taken, or nil; any thread may ask.
    fileprivate func takePart() -> Int? {
        let index = next.add(1, ordering: .relaxed).oldValue
        return index < end ? index : nil
    }

    func memory(count: Int) -> UnsafeMutablePointer<Float> {
        if buffer.count < count {
            releaseMemory()
            buffer = Buffer(count: count)
        }
        return unsafe buffer.base
    }

    fileprivate func releaseMemory() { buffer = Buffer(count: 0) }
}

private final class Start {
    let shared: Shared
    let number: Int

    init(shared: Shared, number: Int) {
        self.shared = shared
        self.number = number
    }
}

private func runWorker(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    start.shared.work(as: start.number)
    return nil
}

/// What the threads share.
@safe private final class Shared: @unchecked Sendable {
    /// Looks before a thread goes to sleep: a few tenths of a millisecond, longer than another's last part keeps it
    /// waiting, since to wake a processor of a virtual machine takes as long as such a part. None where the threads
    /// are more than the processors and a look would take time from one that works.
    private let patience: Int

    /// One for each thread, the asking one first. Changed while nobody works.
    private var workers: [Worker]
    /// Grows by one with each piece of work, so that a thread sees each piece once. -1: stop.
    private let generation = Atomic<Int>(0)
    /// Threads that are not yet done with this piece of work, the asking one left out.
    private let busy = Atomic<Int>(0)

    // Written by the asking thread while nobody works, read by the others after they saw the generation grow.
    private var body: ((Int, Worker) -> Void)?

    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    private let done: UnsafeMutablePointer<pthread_cond_t>
    /// Held while a piece of work runs, so that callers wait for each other.
    private let turn = Mutex<Void>(())

    init(threads: Int) {
        patience = threads <= Compute.availableProcessors ? 10_000 : 0
        workers = (0..<threads).map { _ in Worker() }
        unsafe lock = .allocate(capacity: 1)
        unsafe wake = .allocate(capacity: 1)
        unsafe done = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(wake, nil)
        unsafe pthread_cond_init(done, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe pthread_cond_destroy(wake)
        unsafe pthread_cond_destroy(done)
        unsafe lock.deallocate()
        unsafe wake.deallocate()
        unsafe done.deallocate()
    }

    /// Before any work: there are only so many threads.
    func keep(threads: Int) { workers.removeLast(workers.count - threads) }

    func releaseMemory() {
        turn.withLock { _ in
            for worker in workers { worker.releaseMemory() }
        }
    }

    func run(_ count: Int, _ body: (Int, Worker) -> Void) {
        turn.withLock { _ in
            if workers.count == 1 || count == 1 {
                for index in 0..<count { body(index, workers[0]) }
                return
            }
            withoutActuallyEscaping(body) { body in
                self.body = body
                for (index, worker) in workers.enumerated() {
                    worker.assign(count * index / workers.count..<count * (index + 1) / workers.count)
                }
                busy.store(workers.count - 1, ordering: .relaxed)
                unsafe pthread_mutex_lock(lock)
                generation.add(1, ordering: .releasing)
                unsafe pthread_cond_broadcast(wake)
                unsafe pthread_mutex_unlock(lock)
                takeParts(body, 0)
                waitUntilIdle()
                self.body = nil
            }
        }
    }

    func work(as number: Int) {
        var seen = 0
        while true {
            seen = waitForWork(after: seen)
            if seen < 0 { return }
            if let body { takeParts(body, number) }
            if busy.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                unsafe pthread_mutex_lock(lock)
                unsafe pthread_cond_signal(done)
                unsafe pthread_mutex_unlock(lock)
            }
        }
    }

    func stop() {
        unsafe pthread_mutex_lock(lock)
        generation.store(-1, ordering: .releasing)
        unsafe pthread_cond_broadcast(wake)
        unsafe pthread_mutex_unlock(lock)
    }

    private func takeParts(_ body: (Int, Worker) -> Void, _ number: Int) {
        for offset in 0..<workers.count {
            let owner = workers[(number + offset) % workers.count]
            while let index = owner.takePart() { body(index, workers[number]) }
        }
    }

    private func waitForWork(after seen: Int) -> Int {
        for _ in 0..<patience {
            let current = generation.load(ordering: .acquiring)
            if current != seen { return current }
            qk_pause()
        }
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while true {
            let current = generation.load(ordering: .acquiring)
            if current != seen { return current }
            unsafe pthread_cond_wait(wake, lock)
        }
    }

    private func waitUntilIdle() {
        for _ in 0..<patience {
            if busy.load(ordering: .acquiring) == 0 { return }
            qk_pause()
        }
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while busy.load(ordering: .acquiring) != 0 { unsafe pthread_cond_wait(done, lock) }
    }
}
