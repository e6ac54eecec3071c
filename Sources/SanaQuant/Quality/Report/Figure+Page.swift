import SanaModel

extension Figure {
    /// A value as the page shows it.
    func shown(_ value: Double) -> String { signed(fixed(value, decimals)) }

    /// The name where there is little room.
    var shortTitle: String {
        switch self {
        case .similarity: "Similarity"
        case .scoreReference: "Score, reference"
        case .scoreCandidate: "Score, candidate"
        case .drop: "Score drop"
        case .psnr, .ssim: title
        }
    }
}

/// A number with the sign that is as wide as a digit.
func signed(_ number: String) -> String { number.hasPrefix("-") ? "\u{2212}\(number.dropFirst())" : number }
