import SanaEdge

/// How fast a piece of work runs when nothing disturbs it.
enum BestRate {
    /// Short batches, so that some of them run undisturbed on a machine that does other things as well.
    private static let secondsOfBatch = 0.004
    private static let secondsInAll = 0.3
    /// However long the work takes.
    private static let leastBatches = 3

    /// 10⁹ multiply-adds a second, the best of all batches.
    ///
    /// The work is done once before: whoever touches the pages of an output first waits for the system to clear them,
    /// which a pass, whose buffers last, never does.
    ///
    /// - Parameter work: returns the multiply-adds that it did; may throw to stop.
    static func measure(_ work: () throws -> Int) rethrows -> Double {
        _ = try work()
        var (best, all, batches) = (0.0, 0.0, 0)
        while all < secondsInAll || batches < leastBatches {
            let batch = try repeated(for: secondsOfBatch, work)
            best = max(best, batch.rate)
            all += batch.seconds
            batches += 1
        }
        return best
    }

    /// The work again and again for some time: 10⁹ multiply-adds a second, and how long it took.
    private static func repeated(
        for leastSeconds: Double, _ work: () throws -> Int
    ) rethrows -> (rate: Double, seconds: Double) {
        let start = ContinuousClock.now
        var (macs, seconds) = (0, 0.0)
        while seconds < leastSeconds {
            macs += try work()
            seconds = (ContinuousClock.now - start) / .seconds(1)
        }
        return (Double(macs) / seconds / 1e9, seconds)
    }
}

extension BestRate {
    /// Of a thread a call: long beside the handing out of work.
    private static let iterations = 1 << 20

    /// The peak: a loop that touches nothing but registers, on all of `compute`'s threads.
    static func peak(_ kind: Compute.PeakKind, on compute: Compute) -> Double {
        measure { compute.multiplyInRegisters(kind, iterations: iterations) }
    }

    /// The same peak as the machine has it just now, beside whatever else it does: the mean over a tenth of a second.
    static func presentPeak(_ kind: Compute.PeakKind, on compute: Compute) -> Double {
        repeated(for: 0.1) { compute.multiplyInRegisters(kind, iterations: iterations / 8) }.rate
    }
}
