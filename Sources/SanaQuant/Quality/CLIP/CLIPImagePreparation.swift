import SanaEdge
import SanaModel

extension CLIPImageSettings {
    /// The numbers that CLIP reads of a picture.
    ///
    /// - Returns: the size, and (3, height, width).
    public func pixelValues(_ image: RGBImage) -> (width: Int, height: Int, values: [Float]) {
        var image = image
        if let resize {
            let size = resize.scaled(width: image.width, height: image.height)
            image = image.resized(width: size.width, height: size.height, filter: filter)
        }
        if let crop { image = image.croppedAroundCenter(width: crop.width, height: crop.height) }
        let area = image.width * image.height
        var values = [Float](repeating: 0, count: 3 * area)
        for channel in 0..<3 {
            // Every sample is one of 256.
            let numbers = (0...255).map { number($0, channel: channel) }
            for pixel in 0..<area {
                values[channel * area + pixel] = numbers[Int(image.pixels[3 * pixel + channel])]
            }
        }
        return (image.width, image.height, values)
    }

    /// float32 at each step, as numpy computes it there.
    private func number(_ sample: Int, channel: Int) -> Float {
        let scaled = rescale.map { Float(Double(sample) * $0) } ?? Float(sample)
        guard let normalization else { return scaled }
        return (scaled - Float(normalization.mean[channel])) / Float(normalization.deviation[channel])
    }
}

extension CLIPImageSettings.Size {
    /// The size that a picture is scaled to; the longer side is rounded down.
    func scaled(width: Int, height: Int) -> (width: Int, height: Int) {
        switch self {
        case .exact(let width, let height): return (width, height)
        case .shortestEdge(let edge):
            let (short, long) = (min(width, height), max(width, height))
            let longEdge = Int(Double(edge * long) / Double(short))
            return width <= height ? (edge, longEdge) : (longEdge, edge)
        }
    }
}

extension RGBImage {
    /// The part around the centre; what lies outside of the picture is black.
    func croppedAroundCenter(width newWidth: Int, height newHeight: Int) -> RGBImage {
        // What is too small stands half a pixel further to the right and below, what is too large further to the
        // left and above: both as transformers rounds.
        let left = offset(of: width, in: newWidth)
        let top = offset(of: height, in: newHeight)
        var result = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
        let columns = max(0, left)..<min(newWidth, width + left)
        for row in max(0, top)..<min(newHeight, height + top) {
            let source = 3 * ((row - top) * width + columns.lowerBound - left)
            let target = 3 * (row * newWidth + columns.lowerBound)
            result.replaceSubrange(
                target..<target + 3 * columns.count, with: pixels[source..<source + 3 * columns.count])
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: result)
    }
}

/// Where the picture's first pixel comes to stand, negative where it is cut off.
private func offset(of size: Int, in newSize: Int) -> Int {
    newSize > size ? (newSize - size + 1) / 2 : -((size - newSize) / 2)
}
