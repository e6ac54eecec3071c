import QuantKernels

/// A linear layer: `y = x · weightᵀ + bias`.
struct Linear: Sendable {
    let weight: Weight  // (out, in)
    let bias: Buffer<Float>?  // (out)
    /// The layer's name in the checkpoint, for errors.
    let name: String

    var outputs: Int { weight.rows }
}

/// A 3x3 convolution with padding 1, perhaps behind nearest upsampling by two.
struct Convolution: Sendable {
    let weight: ConvolutionWeight
    let bias: Buffer<Float>?  // (out)
    let name: String

    var outputs: Int { weight.outputs }
}

/// Root-mean-square normalization over the channels.
struct RMSNorm: Sendable {
    let weight: Buffer<Float>  // (channels)
    let bias: Buffer<Float>?  // (channels)
    let epsilon: Float
    /// Whether the weight is stored less one, as Gemma's are.
    var unitOffset = false

    /// Valid as long as the normalization is.
    var kernel: qk_rms_norm {
        unsafe qk_rms_norm(
            epsilon: epsilon, unit_offset: unitOffset, weight: weight.base, bias: bias.pointer)
    }
}

extension Compute {
    /// Applies a layer to an operand that may serve several layers.
    func linear(_ x: Operand, _ layer: Linear, _ output: Output = .store(.none), into y: Matrix) {
        linear(x, layer.weight, bias: layer.bias, output, into: y)
    }

    /// Applies a layer to an operand of its own, perhaps one whose columns are multiplied with factors.
    func linear(
        _ x: Matrix, factors: Buffer<Float>? = nil, _ layer: Linear, _ output: Output = .store(.none),
        into y: Matrix
    ) throws {
        linear(
            try operand(x, factors: factors, for: [layer.weight], layer: layer.name), layer, output, into: y)
    }

    /// Applies a layer and returns its output in a new matrix.
    func linear(_ x: Matrix, _ layer: Linear, _ activation: Activation = .none) throws -> Matrix {
        let y = Matrix(rows: x.rows, columns: layer.outputs)
        try linear(x, layer, .store(activation), into: y)
        return y
    }

    func convolution(
        _ x: Matrix, height: Int, width: Int, _ layer: Convolution, _ activation: Activation = .none
    ) throws -> Matrix {
        let area = layer.weight.upsamples ? 4 * height * width : height * width
        let y = Matrix(rows: area, columns: layer.outputs)
        try convolution(
            x, height: height, width: width, layer.weight, bias: layer.bias, .store(activation), into: y,
            layer: layer.name)
        return y
    }

    func normalize(_ x: Matrix, _ norm: RMSNorm, residual: Matrix? = nil, into y: Matrix) {
        rmsNorm(
            x, weight: norm.weight, bias: norm.bias, epsilon: norm.epsilon, unitOffset: norm.unitOffset,
            residual: residual, into: y)
    }
}
