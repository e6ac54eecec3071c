/// Two 3x3 convolutions beside a shortcut: `x + norm(conv2(act(conv1(x))))`.
struct ResidualBlock {
    let conv1: Convolution
    let conv2: Convolution
    let norm: RMSNorm
    let activation: Activation

    init(_ name: String, activation: Activation, loader: WeightLoader) throws {
        conv1 = try loader.convolution("\(name).conv1", bias: true)
        conv2 = try loader.convolution("\(name).conv2", bias: false)
        norm = try loader.decoderNorm("\(name).norm")
        self.activation = activation
    }

    /// Moves an image through the block, in place.
    func callAsFunction(_ image: DecoderImage, compute: Compute) throws {
        let (x, height, width) = (image.x, image.height, image.width)
        let hidden = try compute.convolution(x, height: height, width: width, conv1, activation)
        let y = try compute.convolution(hidden, height: height, width: width, conv2)
        compute.normalize(y, norm, residual: x, into: x)
    }
}
