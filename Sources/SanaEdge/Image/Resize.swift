extension FloatImage {
    /// Scales the picture until it covers `width` x `height`, then crops around the centre, as diffusers does after
    /// resolution binning. Where diffusers truncates a side to one pixel less than was asked for, this keeps the
    /// pixel.
    ///
    /// - Precondition: `width` and `height` are positive.
    public func resizedAndCropped(width newWidth: Int, height newHeight: Int) -> FloatImage {
        if newWidth == width && newHeight == height { return self }
        let resize = Resize(from: (width, height), to: (newWidth, newHeight))
        var result: [Float] = []
        result.reserveCapacity(3 * newWidth * newHeight)
        for row in resize.rows {
            resize.append(
                row: row, values[3 * width * row.first..<3 * width * (row.first + 1)],
                values[3 * width * row.second..<3 * width * (row.second + 1)], to: &result)
        }
        return FloatImage(width: newWidth, height: newHeight, values: result)
    }
}

/// What each row and each column of a scaled and cropped picture is mixed from.
struct Resize: Sendable {
    let columns: [Tap]
    let rows: [Tap]

    init(from old: (width: Int, height: Int), to new: (width: Int, height: Int)) {
        let ratio = max(Double(new.height) / Double(old.height), Double(new.width) / Double(old.width))
        let scaledWidth = max(Int(Double(old.width) * ratio), new.width)
        let scaledHeight = max(Int(Double(old.height) * ratio), new.height)
        let left = (scaledWidth - new.width) / 2
        let top = (scaledHeight - new.height) / 2
        columns = taps(from: old.width, to: scaledWidth, keeping: left..<left + new.width)
        rows = taps(from: old.height, to: scaledHeight, keeping: top..<top + new.height)
    }

    /// Appends one row of the new picture, mixed from two of the old one.
    func append(row: Tap, _ upper: ArraySlice<Float>, _ lower: ArraySlice<Float>, to result: inout [Float]) {
        for column in columns {
            for channel in 0..<3 {
                let (first, second) = (3 * column.first + channel, 3 * column.second + channel)
                let above = column.mix(upper[upper.startIndex + first], upper[upper.startIndex + second])
                let below = column.mix(lower[lower.startIndex + first], lower[lower.startIndex + second])
                result.append(row.mix(above, below))
            }
        }
    }
}

/// The two neighbours of a scaled pixel along one side, and how much of the second it takes.
struct Tap: Sendable {
    let first: Int
    let second: Int
    let weight: Float

    func mix(_ a: Float, _ b: Float) -> Float { (1 - weight) * a + weight * b }
}

/// The taps of bilinear interpolation whose pixels are areas (`align_corners=False`), without antialiasing, as
/// `torch.nn.functional.interpolate` places them.
private func taps(from size: Int, to scaledSize: Int, keeping kept: Range<Int>) -> [Tap] {
    let scale = Float(size) / Float(scaledSize)
    return kept.map { position in
        let source = max((Float(position) + 0.5) * scale - 0.5, 0)
        let first = min(Int(source), size - 1)
        return Tap(first: first, second: min(first + 1, size - 1), weight: min(source - Float(first), 1))
    }
}
