import SanaModel

/// Mix-FFN, gated into the residual stream (Sana, arXiv 2410.10629 §2.2).
struct FeedForward {
    let normWeight: Buffer<Float>?  // (width)
    let normBias: Buffer<Float>?
    let convolution: GatedConvolution
    let point: Linear  // (width, hidden)
    let epsilon: Float

    init(_ block: String, _ config: TransformerConfig, loader: WeightLoader) throws {
        let affine = config.normElementwiseAffine
        normWeight = affine ? try loader.vector("\(block).norm2.weight") : nil
        normBias = affine ? try loader.vector("\(block).norm2.bias") : nil
        convolution = try loader.gatedConvolution("\(block).ff")
        point = try loader.linear("\(block).ff.conv_point", bias: false)
        epsilon = Float(config.normEpsilon)
    }

    /// x += gate ⊙ point(convolution(norm(x) · (1 + scale) + shift))
    func callAsFunction(
        _ x: Matrix, _ modulation: Modulation, _ scratch: TransformerScratch, _ compute: Compute
    ) throws {
        let operand = try compute.measured("normalization") {
            try compute.layerNormOperand(
                x, epsilon: epsilon, weight: normWeight, bias: normBias, scale: modulation.scaleFeedForward,
                shift: modulation.shiftFeedForward, for: [convolution.value, convolution.gate],
                floats: scratch.normalized)
        }
        let hidden = try compute.measured("feed-forward") {
            try compute.gatedConvolution(
                operand, convolution, images: scratch.grid.batch, height: scratch.grid.height,
                width: scratch.grid.width,
                for: point, scratch: scratch.gatedConvolution)
        }
        compute.measured("feed-forward output") {
            compute.linear(hidden, point, .addGated(modulation.gateFeedForward), into: x)
        }
    }
}
