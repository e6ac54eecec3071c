import SanaEdge

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension RGBImage {
    /// Peak signal-to-noise ratio in decibels; infinite where the pictures are equal.
    ///
    /// - Precondition: The pictures have the same size.
    public func psnr(_ other: RGBImage) -> Double {
        precondition(width == other.width && height == other.height)
        let squares = zip(pixels, other.pixels).reduce(0) { sum, pair in
            let difference = Int(pair.0) - Int(pair.1)
            return sum + difference * difference
        }
        return 10 * log10(255 * 255 * Double(pixels.count) / Double(squares))
    }
}
