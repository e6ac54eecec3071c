/// What is measured of a prompt's two pictures, the reference's and the candidate's.
public enum Figure: String, Sendable, CaseIterable {
    /// The cosine between CLIP's features of the two pictures.
    case similarity
    /// The CLIP score of the reference's picture with its prompt, 100 · max(cosine, 0).
    case scoreReference
    /// The same of the candidate's.
    case scoreCandidate
    /// What of the score is lost: `scoreReference - scoreCandidate`.
    case drop
    /// In decibels.
    case psnr
    case ssim

    /// Whether little of it is good.
    public var isBetterSmall: Bool { self == .drop }

    /// Its number among all.
    var place: Int { Figure.allCases.firstIndex(of: self) ?? 0 }

    /// What it can be, and what rounding adds.
    var range: ClosedRange<Double> {
        switch self {
        case .similarity, .ssim: -1.001...1.001
        case .scoreReference, .scoreCandidate: 0...100.1
        case .drop: -100.1...100.1
        case .psnr: 0...200
        }
    }

    /// The name for people.
    public var title: String {
        switch self {
        case .similarity: "CLIP similarity"
        case .scoreReference: "CLIP score, reference"
        case .scoreCandidate: "CLIP score, candidate"
        case .drop: "CLIP score drop"
        case .psnr: "PSNR, dB"
        case .ssim: "SSIM"
        }
    }

    /// Digits behind the point that mean something.
    public var decimals: Int {
        switch self {
        case .similarity, .ssim: 4
        case .scoreReference, .scoreCandidate, .psnr: 2
        case .drop: 3
        }
    }
}

/// A number for each figure.
public struct Figures: Sendable, Equatable {
    private var values: [Double]

    /// - Parameter value: gives each figure its number.
    public init(_ value: (Figure) throws -> Double) rethrows {
        values = try Figure.allCases.map(value)
    }

    public subscript(_ figure: Figure) -> Double { values[figure.place] }
}
