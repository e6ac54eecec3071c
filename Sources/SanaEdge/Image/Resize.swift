extension FloatImage {
    /// Scales the picture until it covers `width` x `height`, then crops around the centre, as diffusers does after
    /// resolution binning. Where diffusers truncates a side to one pixel less than was asked for, this keeps the
    /// pixel.
    ///
    /// - Precondition: `width` and `height` are positive.
    public func resizedAndCropped(width newWidth: Int, height newHeight: Int) -> FloatImage {
        if newWidth == width && newHeight == height { return self }
        let ratio = max(Double(newHeight) / Double(height), Double(newWidth) / Double(width))
        let scaledWidth = max(Int(Double(width) * ratio), newWidth)
        let scaledHeight = max(Int(Double(height) * ratio), newHeight)
        let left = (scaledWidth - newWidth) / 2
        let top = (scaledHeight - newHeight) / 2
        return bilinear(
            columns: taps(from: width, to: scaledWidth, keeping: left..<left + newWidth),
            rows: taps(from: height, to: scaledHeight, keeping: top..<top + newHeight))
    }

    private func bilinear(columns: [Tap], rows: [Tap]) -> FloatImage {
        var result: [Float] = []
        result.reserveCapacity(3 * rows.count * columns.count)
        for row in rows {
            for column in columns {
                for channel in 0..<3 {
                    let upper = column.mix(
                        values[3 * (row.first * width + column.first) + channel],
                        values[3 * (row.first * width + column.second) + channel])
                    let lower = column.mix(
                        values[3 * (row.second * width + column.first) + channel],
                        values[3 * (row.second * width + column.second) + channel])
                    result.append(row.mix(upper, lower))
                }
            }
        }
        return FloatImage(width: columns.count, height: rows.count, values: result)
    }
}

/// The two neighbours of a scaled pixel along one side, and how much of the second it takes.
private struct Tap {
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
