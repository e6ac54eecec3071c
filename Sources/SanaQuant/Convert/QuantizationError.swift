#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How far a tensor's stored values are from the checkpoint's, as a ratio of powers.
public struct QuantizationError: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        public let index: Int
        /// Signal to quantization noise, 10 log10(signal / noise), in dB.
        public let decibels: Double
    }

    /// Sum of the squares of the checkpoint's values.
    private var signal = 0.0
    /// Sum of the squares of the differences.
    private var noise = 0.0
    /// The row with the least ratio; nil where every row is exact.
    public private(set) var worstRow: Row?

    public init() {}

    /// Signal to quantization noise over all values, in dB; nil where the stored values are the checkpoint's.
    public var decibels: Double? {
        noise > 0 ? 10 * log10(signal / noise) : nil
    }

    /// Adds a row. Rows come in order, so that the sums depend on nothing else.
    mutating func add(_ power: RowPower, row index: Int) {
        signal += power.signal
        noise += power.noise
        guard power.noise > 0 else { return }
        let row = Row(index: index, decibels: 10 * log10(power.signal / power.noise))
        if row.decibels < worstRow?.decibels ?? .infinity { worstRow = row }
    }
}
