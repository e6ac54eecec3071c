import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Looks for the factors of a group: what strength, if any, loses least.
struct SmoothingSearch {
    /// How a channel's size is told.
    enum Measure: String, CaseIterable, Sendable {
        /// The greatest magnitude.
        case peak
        /// The root of the mean square.
        case power
    }

    /// How much of the difference between channels goes from activations into weights: α of SmoothQuant.
    struct Strength: Sendable {
        let alpha: Double
        let measure: Measure

        static let all = Measure.allCases.flatMap { measure in
            [0.25, 0.4, 0.5, 0.6, 0.75, 0.9].map { Strength(alpha: $0, measure: measure) }
        }
    }

    struct Result {
        let strength: Strength
        let factors: [Float]
    }

    /// Factors are powers of two up to this one and down to its reciprocal: they fold into 16-bit numbers without a
    /// loss, and stay below what a pack's scales may be.
    static let greatestExponent = 13
    /// What the noise on rows that the search has not seen must fall to, as a share of that without factors.
    private static let leastGain = 0.98

    /// The least and the greatest exponent that each channel can take without overflow in what is folded.
    let limits: [ClosedRange<Int>]

    /// The best factors; nil where none are better than no factors by more than chance.
    ///
    /// The strength is chosen on the even rows and held against the odd ones.
    func best(for trials: [QuantizationTrial], _ input: Calibration.Input) -> Result? {
        func noise(_ factors: [Float]?) -> QuantizationTrial.Noise {
            trials.map { $0.noise(.init(factors: factors)) }.reduce(.init(even: 0, odd: 0), +)
        }
        let columns = greatestColumns(trials, channels: input.channels)
        let plain = noise(nil)
        var best: (result: Result, noise: QuantizationTrial.Noise)?
        for strength in Strength.all {
            let factors = factors(strength, input, columns)
            if factors.allSatisfy({ $0 == 1 }) { continue }
            let noise = noise(factors)
            if noise.even < best?.noise.even ?? plain.even {
                best = (Result(strength: strength, factors: factors), noise)
            }
        }
        guard let best, best.noise.odd < Self.leastGain * plain.odd else { return nil }
        return best.result
    }

    /// The greatest magnitude of each column, over all weights, relative to the greatest of its weight.
    private func greatestColumns(_ trials: [QuantizationTrial], channels: Int) -> [Float] {
        var greatest = [Float](repeating: 0, count: channels)
        for trial in trials {
            let most = trial.weight.reduce(0) { max($0, $1.magnitude) }
            guard most > 0 else { continue }
            for row in stride(from: 0, to: trial.weight.count, by: channels) {
                for column in 0..<channels {
                    greatest[column] = max(greatest[column], trial.weight[row + column].magnitude / most)
                }
            }
        }
        return greatest
    }

    /// xᵅ / w¹⁻ᵅ of each channel, over the median of all, as a power of two.
    private func factors(_ strength: Strength, _ input: Calibration.Input, _ columns: [Float]) -> [Float] {
        let sizes = strength.measure == .peak ? input.absmax : input.moments.map { $0.squareRoot() }
        let exponents = zip(sizes, columns).map { size, column -> Double? in
            guard size > 0, column > 0 else { return nil }
            return strength.alpha * log2(Double(size)) - (1 - strength.alpha) * log2(Double(column))
        }
        let known = exponents.compactMap(\.self).sorted()
        guard !known.isEmpty else { return [Float](repeating: 1, count: sizes.count) }
        let median = known[known.count / 2]
        return zip(exponents, limits).map { exponent, limits in
            // A channel that is always zero needs none.
            guard let exponent else { return 1 }
            let whole = Int((exponent - median).rounded())
            return Float(
                sign: .plus, exponent: min(max(whole, limits.lowerBound), limits.upperBound), significand: 1)
        }
    }
}
