/// An image on its way through the decoder.
struct DecoderImage {
    let height: Int
    let width: Int
    let x: Matrix  // (height · width, channels)
    /// x in int8, where the layer that reads it next wants it so.
    var quantized: QuantizedImage?
    /// What one residual block's hidden image leaves to the next block.
    var hidden: QuantizedImage?

    init(_ x: Matrix, height: Int, width: Int) {
        (self.x, self.height, self.width) = (x, height, width)
    }

    /// x in int8 for a layer, made here unless the layer before has done so.
    mutating func quantized(for layer: Convolution, _ compute: Compute) throws -> QuantizedImage {
        let image = try quantized ?? compute.quantized(x, height: height, width: width, layer: layer.name)
        quantized = image
        return image
    }

    /// Memory for a block's hidden image.
    mutating func hidden(channels: Int, _ compute: Compute) -> QuantizedImage {
        if let hidden, hidden.channels == channels { return hidden }
        let image = compute.quantizedImage(height: height, width: width, channels: channels)
        hidden = image
        return image
    }
}
