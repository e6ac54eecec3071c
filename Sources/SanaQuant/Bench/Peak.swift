import SanaEdge

/// The greatest rate of multiply-adds: a loop that touches nothing but registers.
enum Peak {
    private static let batches = 5
    private static let secondsOfBatch = 0.06

    /// 10⁹ multiply-adds a second on all of `compute`'s threads together: the best of several batches.
    static func measure(_ kind: Compute.PeakKind, on compute: Compute) -> Double {
        var iterations = 1 << 12
        var best = 0.0
        var measured = 0
        while measured < batches {
            let start = ContinuousClock.now
            let macs = compute.multiplyInRegisters(kind, iterations: iterations)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            if seconds < secondsOfBatch {
                iterations *= 2
            } else {
                best = max(best, Double(macs) / seconds / 1e9)
                measured += 1
            }
        }
        return best
    }
}
