/// A tensor that a model's configuration calls for: its name in the checkpoint, its shape there, what it is for.
///
/// The lists of these (`TransformerConfig.tensors` and its siblings) are the one place where names and shapes of
/// checkpoints are spelled. The converter reads what they list, the pack is held against them, and the runtime
/// asks for its weights by them.
public struct TensorSpec: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Biases, norms and modulation tables, of any shape. Never quantized.
        case vector
        /// `[channels]`, no tensor of a checkpoint: what the channels of a layer's input are multiplied with, above 0.
        case factors
        /// `[vocabulary, width]`, rows looked up one by one.
        case embedding
        /// `[out, in]`, or a 1x1 convolution `[out, in, 1, 1]`.
        case linear
        /// `[out, in, p, p]`: a convolution whose stride is its size.
        case patch
        /// `[out, in, 3, 3]`, padding 1.
        case convolution
        /// `[out, in, 3, 3]`, padding 1, behind nearest upsampling by two.
        case upsamplingConvolution
        /// `[channels, 1, k, k]`, one kernel a channel.
        case depthwise
        /// `[out, in / groups, 1, 1]`.
        case grouped
    }

    public let component: Component
    /// The checkpoint's name, without its folder.
    public let name: String
    /// The checkpoint's shape.
    public let shape: [Int]
    public let kind: Kind

    public init(_ component: Component, _ name: String, _ shape: [Int], _ kind: Kind) {
        self.component = component
        self.name = name
        self.shape = shape
        self.kind = kind
    }

    /// The name in the pack, in policies and in reports: the folder, a dot, the checkpoint's name.
    public var packName: String { "\(component.rawValue).\(name)" }

    /// Inputs that an int8 product adds up at most, for each tap of a convolution: more could overflow its int32 sum.
    public static let maximumDepth = 65536

    /// The schemes that the runtime has arithmetic for.
    public var schemes: Set<Scheme> {
        switch kind {
        case .vector, .patch, .depthwise, .grouped: [.f16, .f32]
        case .factors: [.f32]
        case .embedding: [.w8, .f16, .f32]
        case .linear: hasInt8Product ? [.w8a8, .w8, .f16, .f32] : [.f16, .f32]
        case .convolution, .upsamplingConvolution: hasInt8Product ? [.w8a8, .f16, .f32] : [.f16, .f32]
        }
    }

    private var hasInt8Product: Bool { shape[1] <= Self.maximumDepth }

    /// The shape in the pack.
    ///
    /// Matrices are `[rows, columns]` with a row per output channel. 3x3 convolutions are `[out, 9 in]`, tap by tap
    /// (ky, kx), channels innermost. A quantized convolution behind nearest upsampling is `[4 out, 4 in]`: nearest
    /// upsampling makes neighbouring taps read the same pixel, so the nine taps reduce to 2x2 on each of the four
    /// output parities, summed from the checkpoint's floats; row `(2 py + px) out + o`, column
    /// `(2 ty + tx) in + i`.
    public func packShape(_ scheme: Scheme) -> [Int] {
        switch kind {
        case .vector, .factors: shape
        case .embedding, .linear: [shape[0], shape[1]]
        case .patch, .depthwise, .grouped: [shape[0], shape[1...].reduce(1, *)]
        case .convolution: [shape[0], 9 * shape[1]]
        case .upsamplingConvolution:
            scheme.isQuantized ? [4 * shape[0], 4 * shape[1]] : [shape[0], 9 * shape[1]]
        }
    }
}
