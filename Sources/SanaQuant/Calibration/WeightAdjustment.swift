import SanaModel

/// What a calibration changes in a tensor on its way into the pack.
struct WeightAdjustment: Sendable {
    /// Each row is multiplied with its factor; nil for none.
    var rowFactors: [Float]?
    /// Each column of a row in the pack is multiplied with its factor; nil for none.
    var columnFactors: [Float]?
    /// The mean squares of what the columns are multiplied with, where scales that lose least are looked for; nil for
    /// absmax / 127.
    var importance: [Float]?
    /// What was measured; nil where nothing could be.
    var outcome: CalibrationOutcome?

    /// Whether the tensor's bytes may differ from what they are without it.
    var isChange: Bool { rowFactors != nil || columnFactors != nil || importance != nil }

    /// Brings some rows of the pack, from `first` on, to their factors.
    func apply(to values: inout [Float], first: Int, columns: Int) {
        if let columnFactors { scaleColumns(of: &values, by: columnFactors) }
        guard let rowFactors else { return }
        for index in values.indices { values[index] *= rowFactors[first + index / columns] }
    }
}

/// What a calibration did for a weight, in terms of the layer's output on rows of its input.
public struct CalibrationOutcome: Sendable, Equatable {
    /// Signal to noise of the product without and with what was done, in dB; nil where rows to measure on are missing.
    public var plainDecibels: Double?
    public var decibels: Double?
    /// The strength of the factors that were moved from the input's channels into the weight; nil for none.
    public var alpha: Double?
    /// Whether the scales are those that lose least, and not absmax / 127.
    public var hasSearchedScales = false

    /// Whether anything was done.
    public var isPlain: Bool { alpha == nil && !hasSearchedScales }
}
