import SanaModel

/// The weight of a 3x3 convolution with padding 1, perhaps behind nearest upsampling by two.
///
/// [out, 9 in], tap by tap (ky, then kx), channels innermost; a quantized one behind upsampling is [4 out, 4 in], as
/// `TensorSpec.packShape` defines it.
public final class ConvolutionWeight: Sendable {
    enum Values: Sendable {
        /// [out, 9 in]
        case float(Weight)
        /// One for each output parity (2 py + px) behind upsampling, else one.
        case w8a8([Panels])
    }

    public let inputs: Int
    public let outputs: Int
    /// Whether the input is upsampled by two, nearest neighbour, before the convolution.
    public let upsamples: Bool
    let values: Values

    init(inputs: Int, outputs: Int, upsamples: Bool, values: Values) {
        self.inputs = inputs
        self.outputs = outputs
        self.upsamples = upsamples
        self.values = values
    }

    public convenience init(inputs: Int, outputs: Int, upsamples: Bool, f32: Buffer<Float>) {
        let weight = Weight(rows: outputs, columns: 9 * inputs, f32: f32)
        self.init(inputs: inputs, outputs: outputs, upsamples: upsamples, values: .float(weight))
    }

    public convenience init(inputs: Int, outputs: Int, upsamples: Bool, f16: Buffer<UInt16>) {
        let weight = Weight(rows: outputs, columns: 9 * inputs, f16: f16)
        self.init(inputs: inputs, outputs: outputs, upsamples: upsamples, values: .float(weight))
    }

    public convenience init(inputs: Int, outputs: Int, upsamples: Bool, bf16: Buffer<UInt16>) {
        let weight = Weight(rows: outputs, columns: 9 * inputs, bf16: bf16)
        self.init(inputs: inputs, outputs: outputs, upsamples: upsamples, values: .float(weight))
    }

    public var scheme: Scheme {
        switch values {
        case .float(let weight): weight.scheme
        case .w8a8: .w8a8
        }
    }
}

extension Compute {
    /// An int8 convolution for int8 activations, in this tier's layout: values in [-127, 127], one scale a row, which
    /// is an output channel, or an output channel at one parity behind upsampling.
    public func convolutionWeight(
        inputs: Int, outputs: Int, upsamples: Bool, w8a8: Buffer<Int8>, scales: Buffer<Float>
    ) -> ConvolutionWeight {
        let (parities, taps) = upsamples ? (4, 4) : (1, 9)
        let size = outputs * taps * inputs
        precondition(w8a8.count == parities * size && scales.count == parities * outputs)
        let panels = (0..<parities).map { parity in
            self.panels(
                outputs: outputs, taps: taps, depth: inputs, values: w8a8, firstValue: parity * size,
                scales: scales,
                firstScale: parity * outputs)
        }
        return ConvolutionWeight(
            inputs: inputs, outputs: outputs, upsamples: upsamples, values: .w8a8(panels))
    }
}
