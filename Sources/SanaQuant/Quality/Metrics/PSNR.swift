import SanaEdge

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Peak signal-to-noise ratio of two pictures.
public enum PSNR {
    /// What equal pictures have, and the most that any two have: so a mean over pictures stays a number.
    public static let most = 100.0

    /// 10 log10(255² / mean squared difference) in decibels, over all samples of all channels.
    ///
    /// - Precondition: the pictures have one size.
    public static func decibels(_ first: RGBImage, _ second: RGBImage) -> Double {
        precondition(first.width == second.width && first.height == second.height)
        var squares = 0
        for index in first.pixels.indices {
            let difference = Int(first.pixels[index]) - Int(second.pixels[index])
            squares += difference * difference
        }
        guard squares > 0 else { return most }
        return min(most, 10 * log10(255 * 255 * Double(first.pixels.count) / Double(squares)))
    }
}
