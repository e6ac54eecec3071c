/// A picture of 8-bit RGB pixels, row by row from the top left.
public struct RGBImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// `(height, width, 3)`
    public let pixels: [UInt8]

    /// - Precondition: `pixels` holds `3 * width * height` bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == 3 * width * height)
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// The decoder's picture, whose numbers run from -1 to 1: `x / 2 + 0.5`, clamped to 0...1, times 255, rounded
    /// half to even, as diffusers and numpy do.
    public init(_ picture: FloatImage) {
        self.init(width: picture.width, height: picture.height, pixels: Self.bytes(picture.values))
    }

    static func bytes(_ values: [Float]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: values.count)
        for (index, value) in values.enumerated() {
            let unit = min(max(0, value / 2 + 0.5), 1)
            bytes[index] = UInt8((unit * 255).rounded(.toNearestOrEven))
        }
        return bytes
    }
}

/// A picture of float32 RGB pixels, channels innermost.
public struct FloatImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// `(height, width, 3)`, all finite
    public let values: [Float]

    /// - Precondition: `values` holds `3 * width * height` finite numbers.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(values.count == 3 * width * height)
        self.width = width
        self.height = height
        self.values = values
    }
}
