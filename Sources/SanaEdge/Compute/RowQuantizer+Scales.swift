/// Scales that lose least, where it is known how much each column counts.
extension RowQuantizer {
    private typealias Lanes = SIMD16<Float>

    /// Scales that are tried in place of absmax / 127: fractions of it, the largest first.
    private static let fractions: [Float] = (0..<16).map { 1 - Float($0) / 40 }
    private static let refinements = 2
    /// Adding it rounds to an integer, half to even.
    private static let rounder: Float = 12_582_912

    /// For each row the scale s that minimizes Σ importance (w - s q)², q = clamp(round(w / s)): absmax / 127, a
    /// fraction of it that clips, or the least squares' scale for either's q. A row of zeros has scale 1.
    ///
    /// - Parameters:
    ///   - values: (rows, columns), finite
    ///   - importance: (columns), as the mean squares of what the columns are multiplied with
    public static func leastErrorScales(
        _ values: [Float], rows: Int, columns: Int, importance: [Float]
    ) -> [Float] {
        precondition(values.count == rows * columns && importance.count == columns)
        let weights = lanes(importance[...])
        return (0..<rows).map { row in
            let values = values[row * columns..<(row + 1) * columns]
            let absmax = values.reduce(0) { max($0, $1.magnitude) }
            guard absmax >= 127 * Float.leastNormalMagnitude else { return 1 }
            return leastErrorScale(lanes(values), weights, plain: absmax / 127)
        }
    }

    /// int8 values for scales that are given: clamp(round(w · (1 / scale)), -127, 127), half to even.
    public static func quantize(_ values: [Float], columns: Int, scales: [Float]) -> [Int8] {
        precondition(values.count == scales.count * columns)
        var quantized: [Int8] = []
        quantized.reserveCapacity(values.count)
        for (row, scale) in scales.enumerated() {
            let inverse = 1 / scale
            for value in values[row * columns..<(row + 1) * columns] {
                let rounded = (min(max(value * inverse, -127), 127) + rounder) - rounder
                quantized.append(Int8(rounded))
            }
        }
        return quantized
    }

    private static func leastErrorScale(_ values: [Lanes], _ importance: [Lanes], plain: Float) -> Float {
        var best = (scale: plain, error: Float.infinity)
        var refined = plain
        func look(_ scale: Float) {
            guard scale.isNormal, scale > 0 else { return }
            let (error, fit) = error(values, importance, scale)
            if error < best.error {
                best = (scale, error)
                refined = fit
            }
        }
        for fraction in fractions { look(plain * fraction) }
        for _ in 0..<refinements { look(refined) }
        return best.scale
    }

    /// The error of a scale, and the scale that fits its integers best.
    private static func error(
        _ values: [Lanes], _ importance: [Lanes], _ scale: Float
    ) -> (error: Float, fit: Float) {
        let (inverse, scales) = (Lanes(repeating: 1 / scale), Lanes(repeating: scale))
        let (least, most) = (Lanes(repeating: -127), Lanes(repeating: 127))
        let rounder = Lanes(repeating: rounder)
        var (error, product, square) = (Lanes.zero, Lanes.zero, Lanes.zero)
        for index in values.indices {
            let value = values[index]
            let q = ((value * inverse).clamped(lowerBound: least, upperBound: most) + rounder) - rounder
            let difference = value - q * scales
            let weighted = importance[index] * q
            error += importance[index] * difference * difference
            product += weighted * value
            square += weighted * q
        }
        return (error.sum(), product.sum() / square.sum())
    }

    /// Sixteen at a time, zeros behind the last.
    private static func lanes(_ values: ArraySlice<Float>) -> [Lanes] {
        stride(from: values.startIndex, to: values.endIndex, by: 16).map { first in
            var lanes = Lanes.zero
            for index in first..<min(first + 16, values.endIndex) { lanes[index - first] = values[index] }
            return lanes
        }
    }
}
