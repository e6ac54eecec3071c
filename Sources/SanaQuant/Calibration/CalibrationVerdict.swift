import SanaModel

/// How a component does with a calibration and without one, on the pictures that the reference drew.
public struct CalibrationVerdict: Sendable, Equatable {
    public let component: Component
    /// Signal to noise of the component's output, in dB, the mean over the outputs.
    public let plainDecibels: Double
    public let calibratedDecibels: Double

    /// What a mean may fall by chance, in dB.
    static let noise = 0.25

    /// - Parameters: the levels of the same outputs.
    init(_ component: Component, plain: [Double], calibrated: [Double]) {
        func mean(_ levels: [Double]) -> Double { levels.reduce(0, +) / Double(levels.count) }
        self.component = component
        (plainDecibels, calibratedDecibels) = (mean(plain), mean(calibrated))
    }

    /// Whether the calibration does no harm.
    public var isKept: Bool { calibratedDecibels >= plainDecibels - Self.noise }

    /// The verdict as `convert --json` prints it; a level without bound is null.
    var json: JSON {
        func level(_ decibels: Double) -> JSON { decibels.isFinite ? .number(decibels) : .null }
        return [
            "component": .string(component.rawValue), "plain": level(plainDecibels),
            "calibrated": level(calibratedDecibels), "kept": .bool(isKept),
        ]
    }

    /// Why the component keeps plain scales, in a sentence.
    var refusal: String {
        let found =
            calibratedDecibels.isFinite
            ? "signal to noise of its output is \(fixed(calibratedDecibels, 1)) dB with it and "
                + "\(fixed(plainDecibels, 1)) dB without it" : "its numbers overflow with it"
        return "The \(component.title) keeps plain scales, because the calibration makes it worse: \(found)."
    }
}
