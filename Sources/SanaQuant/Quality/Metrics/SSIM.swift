import SanaEdge

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Structural similarity of two pictures, as Wang, Bovik, Sheikh and Simoncelli defined it (IEEE Transactions on Image
/// Processing 13(4), 2004): a Gaussian window of 11 x 11 pixels with σ = 1.5, K1 = 0.01, K2 = 0.03, on 8-bit samples,
/// where the window lies inside the picture. It is computed on red, green and blue apart, and the mean is taken.
public enum SSIM {
    /// Samples along a side of the window. A smaller picture has a smaller window: the largest odd one that fits.
    static let window = 11
    private static let deviation = 1.5
    private static let c1 = (0.01 * 255) * (0.01 * 255)
    private static let c2 = (0.03 * 255) * (0.03 * 255)

    /// From -1 to 1, which only equal pictures have.
    ///
    /// - Precondition: the pictures have one size.
    public static func similarity(_ first: RGBImage, _ second: RGBImage, on compute: Compute) -> Double {
        precondition(first.width == second.width && first.height == second.height)
        let (width, height) = (first.width, first.height)
        let side = min(window, (min(width, height) - 1) / 2 * 2 + 1)
        let weights = gaussian(side)
        let (columns, rows) = (width - side + 1, height - side + 1)
        // The sum of each row of windows, so that none depends on the threads.
        let sums = Buffer<Double>(count: rows)
        compute.parallel(rows) { row in
            var total = 0.0
            for channel in 0..<3 {
                // The five moments of each column of samples, then of each window.
                var moments = [Moments](repeating: Moments(), count: width)
                for (tap, weight) in weights.enumerated() {
                    let start = 3 * (row + tap) * width + channel
                    for column in 0..<width {
                        moments[column].add(
                            Double(first.pixels[start + 3 * column]),
                            Double(second.pixels[start + 3 * column]), weight)
                    }
                }
                for column in 0..<columns {
                    var window = Moments()
                    for tap in 0..<side { window.add(moments[column + tap], weights[tap]) }
                    total += window.similarity(c1, c2)
                }
            }
            sums[row] = total
        }
        return sums.array.reduce(0, +) / Double(3 * columns * rows)
    }

    private static func gaussian(_ count: Int) -> [Double] {
        let values = (0..<count).map { index in
            let distance = Double(index - count / 2) / deviation
            return exp(-distance * distance / 2)
        }
        let sum = values.reduce(0, +)
        return values.map { $0 / sum }
    }
}

/// Weighted means of two samples, of their squares and of their product.
private struct Moments {
    private var x = 0.0
    private var y = 0.0
    private var xx = 0.0
    private var yy = 0.0
    private var xy = 0.0

    mutating func add(_ a: Double, _ b: Double, _ weight: Double) {
        let (wa, wb) = (weight * a, weight * b)
        x += wa
        y += wb
        xx += wa * a
        yy += wb * b
        xy += wa * b
    }

    mutating func add(_ other: Moments, _ weight: Double) {
        x += weight * other.x
        y += weight * other.y
        xx += weight * other.xx
        yy += weight * other.yy
        xy += weight * other.xy
    }

    func similarity(_ c1: Double, _ c2: Double) -> Double {
        let (varianceX, varianceY, covariance) = (xx - x * x, yy - y * y, xy - x * y)
        return (2 * x * y + c1) * (2 * covariance + c2)
            / ((x * x + y * y + c1) * (varianceX + varianceY + c2))
    }
}
