import CLinux
import QuantKernels

/// The arithmetic of the models: every operation, on a tier's kernels and a number of threads.
///
/// Results do not depend on the number of threads. Operations run one at a time: calls from several threads wait
/// for each other, and an operation must not be called from inside `parallel`. Shapes that do not fit each other
/// are a fault of the caller and stop the program; data never does.
public final class Compute: Sendable {
    /// The greatest number of threads.
    public static let maximumThreads = 256

    /// Fewer than were asked for where the system starts no more.
    public let threads: Int
    public let tier: Tier
    let profile: Profile?
    let observer: (any ActivationObserver)?
    let pool: WorkerPool
    let recycler = Recycler<UInt8>()
    let floatRecycler = Recycler<Float>()

    /// - Parameters:
    ///   - threads: 1 ... `maximumThreads`; the calling thread is one of them.
    ///   - profile: is told where the time goes.
    public convenience init(threads: Int, tier: Tier, profile: Profile? = nil) {
        self.init(threads: threads, tier: tier, profile: profile, observer: nil)
    }

    /// - Parameter observer: sees what the layers read, in floats.
    package init(
        threads: Int, tier: Tier, profile: Profile? = nil, observer: (any ActivationObserver)?
    ) {
        precondition((1...Compute.maximumThreads).contains(threads), "\(threads) threads")
        self.tier = tier
        self.profile = profile
        self.observer = observer
        pool = WorkerPool(threads: threads)
        self.threads = pool.threads
    }

    /// Calls `body` with each of 0 ..< count, on all threads at once, and returns when all are done.
    public func parallel(_ count: Int, _ body: @Sendable (Int) -> Void) {
        pool.run(count) { index, _ in body(index) }
    }

    /// The same; `body` also gets memory of its thread's own, which holds at least `scratch` floats of any value.
    func parallel(
        _ count: Int, scratch: Int, _ body: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void
    ) {
        pool.run(count) { index, worker in
            unsafe body(index, worker.memory(count: scratch))
        }
    }

    /// Gives memory that waits to be used again back to the system.
    package func releaseMemory() {
        pool.releaseMemory()
        recycler.clear()
        floatRecycler.clear()
        clinux_release_memory()
    }

    var kernels: qk_tier { unsafe tier.kernels }
}
