import SanaEdge

/// Where two pictures differ.
enum DifferenceMap {
    /// What differences are multiplied with, the same in every report, so that maps can be compared.
    static let factor = 8

    /// |candidate - reference| times the factor in each channel, at most 255.
    ///
    /// - Precondition: the pictures have one size.
    static func map(_ pair: PicturePair) -> RGBImage {
        let (reference, candidate) = (pair.reference, pair.candidate)
        precondition((reference.width, reference.height) == (candidate.width, candidate.height))
        let pixels = zip(reference.pixels, candidate.pixels).map { first, second in
            UInt8(min(255, factor * abs(Int(first) - Int(second))))
        }
        return RGBImage(width: reference.width, height: reference.height, pixels: pixels)
    }
}

extension RGBImage {
    /// The smallest integer factor by which neither side is longer than `limit`.
    func reduction(toSide limit: Int) -> Int { max(1, (max(width, height) + limit - 1) / limit) }

    /// Each `factor` x `factor` pixels are one, their mean; at the right and lower edge as many as there are.
    func reduced(by factor: Int) -> RGBImage {
        guard factor > 1 else { return self }
        let (columns, rows) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
        var reduced = [UInt8](repeating: 0, count: 3 * columns * rows)
        for row in 0..<rows {
            let lines = row * factor..<min(height, (row + 1) * factor)
            for column in 0..<columns {
                let places = column * factor..<min(width, (column + 1) * factor)
                let area = lines.count * places.count
                for channel in 0..<3 {
                    var sum = 0
                    for y in lines { for x in places { sum += Int(pixels[3 * (y * width + x) + channel]) } }
                    reduced[3 * (row * columns + column) + channel] = UInt8((sum + area / 2) / area)
                }
            }
        }
        return RGBImage(width: columns, height: rows, pixels: reduced)
    }
}
