/// What a policy may cost.
public enum SensitivityBudget: Sendable, Equatable {
    /// Bytes of the pack, at most.
    case bytes(Int)
    /// PSNR of the pictures against the reference's, in dB, at least.
    case decibels(Double)
    /// CLIP similarity of every picture with the reference's, at least.
    case similarity(Double)

    /// `14M`, `650000`, `40dB`, `0.999`.
    public init?(_ text: String) {
        if text.lowercased().hasSuffix("db") {
            guard let value = Double(text.dropLast(2)), (0...200).contains(value) else { return nil }
            self = .decibels(value)
        } else if text.contains("."), let value = Double(text), (0...1).contains(value) {
            self = .similarity(value)
        } else {
            let units: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9]
            let unit = text.last.flatMap { units[$0] }
            guard let value = Double(unit == nil ? text[...] : text.dropLast()) else { return nil }
            let bytes = value * (unit ?? 1)
            guard bytes >= 1, bytes < 1e15 else { return nil }
            self = .bytes(Int(bytes))
        }
    }

    /// Whether a choice meets it.
    func isMet(_ bytes: Int, _ effect: SensitivityReport.Effect) -> Bool {
        switch self {
        case .bytes(let most): bytes <= most
        case .decibels(let least): effect.psnr >= least
        case .similarity(let least): effect.similarity.map { $0 >= least } ?? false
        }
    }
}
