/// An int8 product of Sana or its decoder, as large as a picture makes it.
public enum KernelShape: Sendable, Hashable {
    /// (rows, depth) · (columns, depth)ᵀ, with what its layer does to the sums.
    case gemm(rows: Int, columns: Int, depth: Int, Epilogue)
    /// 3x3 over some rows of a picture, `height` x `width` as it comes in. The time to quantize counts: of what comes
    /// in where it upsamples, which is four taps for each of the four output parities; else of what comes out, as in
    /// a residual block, whose second convolution reads int8.
    case convolution(height: Int, width: Int, inputs: Int, outputs: Int, upsamples: Bool)

    public enum Epilogue: String, Sendable, CaseIterable {
        case scale
        case biasSiLU = "bias, SiLU"
        case biasGateResidual = "bias, gate, residual"
        case gateResidual = "gate, residual"
    }

    /// `gemm` or `convolution`.
    public var kind: String {
        switch self {
        case .gemm: "gemm"
        case .convolution: "convolution"
        }
    }

    /// Rows of the product: tokens, or pixels that come out.
    public var rows: Int {
        switch self {
        case .gemm(let rows, _, _, _): rows
        case .convolution(let height, let width, _, _, let upsamples): height * width * (upsamples ? 4 : 1)
        }
    }

    public var columns: Int {
        switch self {
        case .gemm(_, let columns, _, _): columns
        case .convolution(_, _, _, let outputs, _): outputs
        }
    }

    /// Products in one sum.
    public var depth: Int {
        switch self {
        case .gemm(_, _, let depth, _): depth
        case .convolution(_, _, let inputs, _, let upsamples): (upsamples ? 4 : 9) * inputs
        }
    }

    /// Multiply-adds that are executed.
    public var macs: Int { rows * columns * depth }
}

extension KernelShape {
    /// Every product that `bench kernels` measures.
    public static var all: [KernelShape] { products + convolutions }

    /// The transformer's layers, 0.6B and 1.6B: for one picture's tokens and for a pair's at 512 and 1024 pixels,
    /// and for a few rows.
    private static var products: [KernelShape] {
        [1152, 2240].flatMap { width in
            [256, 512, 1024, 2048, 1, 4, 16].flatMap { rows in
                let hidden = 5 * width / 2
                return [
                    KernelShape.gemm(rows: rows, columns: 3 * width, depth: width, .scale),
                    .gemm(rows: rows, columns: width, depth: width, .biasGateResidual),
                    .gemm(rows: rows, columns: 2 * hidden, depth: width, .biasSiLU),
                    .gemm(rows: rows, columns: width, depth: hidden, .gateResidual),
                ]
            }
        }
    }

    /// Rows of a picture that a convolution is measured on.
    private static let band = 64

    /// The decoder's 3x3 convolutions: in residual blocks, then behind upsampling, by the width that comes in at
    /// 1024 pixels.
    private static var convolutions: [KernelShape] {
        let residual = [(512, 512, 256), (256, 256, 512), (128, 128, 1024)]
        let upsampling = [
            (1024, 1024, 32), (1024, 512, 64), (512, 512, 128), (512, 256, 256), (256, 128, 512),
        ]
        return [2, 1].flatMap { divisor in
            [(residual, false), (upsampling, true)].flatMap { shapes, upsamples in
                shapes.map { inputs, outputs, width in
                    .convolution(
                        height: min(band, width / divisor), width: width / divisor, inputs: inputs,
                        outputs: outputs, upsamples: upsamples)
                }
            }
        }
    }
}
