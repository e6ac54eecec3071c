/// Two 3x3 convolutions beside a shortcut: `x + norm(conv2(act(conv1(x))))`.
struct ResidualBlock {
    let conv1: Convolution
    let conv2: Convolution
    let norm: RMSNorm
    let activation: Activation
    /// Both convolutions, where both are int8.
    private let quantized: (conv1: QuantizedConvolution, conv2: QuantizedConvolution)?

    init(_ name: String, activation: Activation, loader: WeightLoader) throws {
        conv1 = try loader.convolution("\(name).conv1", bias: true)
        conv2 = try loader.convolution("\(name).conv2", bias: false)
        norm = try loader.decoderNorm("\(name).norm")
        self.activation = activation
        if let first = QuantizedConvolution(conv1), let second = QuantizedConvolution(conv2) {
            quantized = (first, second)
        } else {
            quantized = nil
        }
    }

    /// The layer that reads the block's input in int8.
    var quantizingLayer: Convolution? { quantized == nil ? nil : conv1 }

    /// Moves an image through the block, in place.
    ///
    /// - Parameter next: the layer that reads the result in int8.
    func callAsFunction(_ image: inout DecoderImage, next: Convolution?, compute: Compute) throws {
        guard let quantized else {
            try moveInFloat(image, compute: compute)
            image.quantized = nil
            return
        }
        let input = try image.quantized(for: conv1, compute)
        let hidden = image.hidden(channels: conv1.outputs, compute)
        try compute.measured("convolution") {
            try compute.convolution(input, quantized.conv1, activation, into: hidden, layer: conv2.name)
            image.quantized = next == nil ? nil : input
            try compute.convolution(
                hidden, quantized.conv2, norm, addedTo: image.x, quantizedInto: image.quantized,
                layer: next?.name ?? "")
        }
    }

    private func moveInFloat(_ image: DecoderImage, compute: Compute) throws {
        let (x, height, width) = (image.x, image.height, image.width)
        try compute.measured("convolution") {
            let hidden = try compute.convolution(x, height: height, width: width, conv1, activation)
            let y = try compute.convolution(hidden, height: height, width: width, conv2)
            compute.normalize(y, norm, residual: x, into: x)
        }
    }
}
