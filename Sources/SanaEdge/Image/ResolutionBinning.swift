/// diffusers' resolution binning: a checkpoint was trained on pictures of some sizes, so a request is computed at
/// the trained size with the nearest shape, then scaled and cropped to what was asked for.
public struct ResolutionBinning: Sendable {
    /// The bins of a checkpoint, each `ratio` of height to width as the tables spell it.
    package let bins: [(ratio: Double, height: Int, width: Int)]

    /// The bins for a transformer's `sample_size`, or nil where diffusers has none.
    public init?(sampleSize: Int) {
        guard [16, 32, 64, 128].contains(sampleSize) else { return nil }
        // The tables of 512 and 1024 pixels are one table at two scales, so are those of 2048 and 4096, and the
        // second pair has some narrow bins more.
        let unit = 2 * sampleSize
        bins = shapes.filter { sampleSize >= 64 || !$0.onlyLarge }
            .map { (ratio: $0.ratio, height: $0.height * unit, width: $0.width * unit) }
    }

    /// The size to compute for a picture of `width` x `height`: the bin whose ratio is nearest to `height / width`,
    /// the first of several.
    ///
    /// - Precondition: `width` and `height` are positive.
    public func bin(width: Int, height: Int) -> (width: Int, height: Int) {
        let ratio = Double(height) / Double(width)
        var best = bins[0]
        for bin in bins where abs(bin.ratio - ratio) < abs(best.ratio - ratio) {
            best = bin
        }
        return (best.width, best.height)
    }
}

/// Heights and widths in sixteenths of the side of the square bin.
private let shapes: [(ratio: Double, height: Int, width: Int, onlyLarge: Bool)] = [
    (0.25, 8, 32, false),
    (0.26, 8, 31, true),
    (0.27, 8, 30, true),
    (0.28, 8, 29, false),
    (0.32, 9, 28, false),
    (0.33, 9, 27, false),
    (0.35, 9, 26, false),
    (0.4, 10, 25, false),
    (0.42, 10, 24, false),
    (0.48, 11, 23, false),
    (0.5, 11, 22, false),
    (0.52, 11, 21, false),
    (0.57, 12, 21, false),
    (0.6, 12, 20, false),
    (0.68, 13, 19, false),
    (0.72, 13, 18, false),
    (0.78, 14, 18, false),
    (0.82, 14, 17, false),
    (0.88, 15, 17, false),
    (0.94, 15, 16, false),
    (1.0, 16, 16, false),
    (1.07, 16, 15, false),
    (1.13, 17, 15, false),
    (1.21, 17, 14, false),
    (1.29, 18, 14, false),
    (1.38, 18, 13, false),
    (1.46, 19, 13, false),
    (1.67, 20, 12, false),
    (1.75, 21, 12, false),
    (2.0, 22, 11, false),
    (2.09, 23, 11, false),
    (2.4, 24, 10, false),
    (2.5, 25, 10, false),
    (2.89, 26, 9, true),
    (3.0, 27, 9, false),
    (3.11, 28, 9, true),
    (3.62, 29, 8, true),
    (3.75, 30, 8, true),
    (3.88, 31, 8, true),
    (4.0, 32, 8, false),
]
