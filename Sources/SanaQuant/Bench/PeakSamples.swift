import SanaEdge

/// The peak of the instructions, measured again and again between runs that are timed. A run of seconds has no more of a
/// shared machine than its neighbours leave; nor has the peak beside it.
struct PeakSamples: Sendable {
    private var int8: [Double] = []
    private var float32: [Double] = []

    mutating func take(on compute: Compute) {
        int8.append(BestRate.presentPeak(.int8, on: compute))
        float32.append(BestRate.presentPeak(.float32, on: compute))
    }

    /// 10⁹ multiply-adds a second, the median; 0 without samples.
    func median(_ kind: Compute.PeakKind) -> Double {
        let sorted = (kind == .int8 ? int8 : float32).sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
