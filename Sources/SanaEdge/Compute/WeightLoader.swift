import SanaModel
import Synchronization

/// Reads one component's weights from a pack into the forms that `Compute` works with.
///
/// Names are the checkpoint's, without the component's folder; every tensor is one of the configuration's
/// `TensorSpec`s, which the pack has been held against when it was opened.
package struct WeightLoader {
    let pack: PackReader
    let compute: Compute
    let component: Component

    package init(pack: PackReader, compute: Compute, component: Component) {
        self.pack = pack
        self.compute = compute
        self.component = component
    }

    /// Values of any 16- or 32-bit tensor, row-major, as float32.
    func vector(_ name: String) throws -> Buffer<Float> {
        try floats(try tensor(name))
    }

    /// A linear layer with its bias, from `name.weight` and `name.bias`.
    func linear(_ name: String, bias: Bool) throws -> Linear {
        Linear(
            weight: try weight("\(name).weight"), bias: bias ? try vector("\(name).bias") : nil,
            name: "\(component.rawValue).\(name)")
    }

    func convolution(_ name: String, bias: Bool, upsamples: Bool = false) throws -> Convolution {
        let tensor = try tensor("\(name).weight")
        let folded = upsamples && tensor.scheme.isQuantized
        let inputs = tensor.shape[1] / (folded ? 4 : 9)
        let outputs = folded ? tensor.shape[0] / 4 : tensor.shape[0]
        let weight =
            switch tensor.elementType {
            case .i8:
                compute.convolutionWeight(
                    inputs: inputs, outputs: outputs, upsamples: upsamples, w8a8: try values(tensor),
                    scales: try scales(tensor))
            case .f16:
                ConvolutionWeight(
                    inputs: inputs, outputs: outputs, upsamples: upsamples, f16: try values(tensor))
            case .bf16:
                ConvolutionWeight(
                    inputs: inputs, outputs: outputs, upsamples: upsamples, bf16: try values(tensor))
            case .f32:
                ConvolutionWeight(
                    inputs: inputs, outputs: outputs, upsamples: upsamples, f32: try values(tensor))
            }
        return Convolution(
            weight: weight, bias: bias ? try vector("\(name).bias") : nil,
            name: "\(component.rawValue).\(name)")
    }

    /// A depthwise kernel, from [channels, k²] to tap-major (k², channels).
    func depthwise(_ name: String) throws -> Buffer<Float> {
        let tensor = try tensor(name)
        let (channels, taps) = (tensor.shape[0], tensor.shape[1])
        let source = try floats(tensor).array
        var transposed = [Float](repeating: 0, count: source.count)
        for channel in 0..<channels {
            for tap in 0..<taps { transposed[tap * channels + channel] = source[channel * taps + tap] }
        }
        return Buffer(transposed)
    }

    /// The expanding, depthwise half of a GLUMBConv.
    func gatedConvolution(_ name: String) throws -> GatedConvolution {
        let layer = "\(component.rawValue).\(name).conv_inverted"
        let (value, gate) = try weightHalves("\(name).conv_inverted.weight")
        let bias = try vector("\(name).conv_inverted.bias").array
        return GatedConvolution(
            value: Linear(weight: value, bias: Buffer(Array(bias[..<value.rows])), name: layer),
            gate: Linear(weight: gate, bias: Buffer(Array(bias[value.rows...])), name: layer),
            depthWeight: try depthwise("\(name).conv_depth.weight"),
            depthBias: try vector("\(name).conv_depth.bias"))
    }

    /// RMS normalization of queries or keys, where the model has it.
    func attentionNorm(_ name: String, _ config: TransformerConfig) throws -> RMSNorm? {
        guard config.qkNorm else { return nil }
        return RMSNorm(weight: try vector("\(name).weight"), bias: nil, epsilon: 1e-5)
    }

    func decoderNorm(_ name: String) throws -> RMSNorm {
        RMSNorm(
            weight: try vector("\(name).weight"), bias: try vector("\(name).bias"),
            epsilon: Float(DecoderConfig.normEpsilon))
    }

    func embedding(_ name: String) throws -> EmbeddingTable {
        try EmbeddingTable(tensor: try tensor(name), loader: self)
    }

    func tensor(_ name: String) throws -> PackTensor {
        try pack.requiredTensor("\(component.rawValue).\(name)")
    }

    /// A GEMM weight of any scheme.
    func weight(_ name: String) throws -> Weight {
        let tensor = try tensor(name)
        let (rows, columns) = (tensor.shape[0], tensor.shape[1...].reduce(1, *))
        return switch (tensor.elementType, tensor.scheme) {
        case (.i8, .w8a8):
            compute.weight(rows: rows, columns: columns, w8a8: try values(tensor), scales: try scales(tensor))
        case (.i8, _):
            compute.weight(rows: rows, columns: columns, w8: try values(tensor), scales: try scales(tensor))
        case (.f16, _): Weight(rows: rows, columns: columns, f16: try values(tensor))
        case (.bf16, _): Weight(rows: rows, columns: columns, bf16: try values(tensor))
        case (.f32, _): Weight(rows: rows, columns: columns, f32: try values(tensor))
        }
    }

    /// The two halves of a GEMM weight's outputs, as weights of their own.
    private func weightHalves(_ name: String) throws -> (Weight, Weight) {
        let tensor = try tensor(name)
        let (rows, columns) = (tensor.shape[0], tensor.shape[1...].reduce(1, *))
        let half = rows / 2
        guard tensor.scheme.isQuantized else {
            let whole = try weight(name)
            return (whole.rows(0..<half), whole.rows(half..<rows))
        }
        let (values, scales) = (try values(tensor) as Buffer<Int8>, try scales(tensor))
        func panels(from first: Int) -> Weight {
            let panels = compute.panels(
                outputs: half, taps: 1, depth: columns, values: values, firstValue: first * columns,
                scales: scales, firstScale: first)
            return Weight(
                rows: half, columns: columns, values: tensor.scheme == .w8a8 ? .w8a8(panels) : .w8(panels))
        }
        return (panels(from: 0), panels(from: half))
    }

    /// The scale of each row of a quantized tensor.
    func scales(_ tensor: PackTensor) throws -> Buffer<Float> {
        try values(try pack.scales(of: tensor))
    }

    private func floats(_ tensor: PackTensor) throws -> Buffer<Float> {
        switch tensor.elementType {
        case .f16: Compute.widened(f16: try values(tensor))
        case .bf16: Compute.widened(bf16: try values(tensor))
        case .f32, .i8: try values(tensor)
        }
    }

    /// All values of a tensor, its chunks read, decompressed and checked on all threads.
    private func values<Element>(_ tensor: PackTensor) throws -> Buffer<Element> {
        let buffer = Buffer<Element>(count: tensor.byteCount / MemoryLayout<Element>.stride)
        let rowBytes = tensor.rowBytes
        let failure = Mutex<(any Error)?>(nil)
        compute.measured("read weights") {
            compute.parallel(tensor.chunkCount) { chunk in
                do {
                    try unsafe buffer.withUnsafeMutableBytes { bytes in
                        let rows = tensor.rows(ofChunk: chunk)
                        let target = unsafe bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]
                        try unsafe pack.chunk(
                            tensor, chunk, into: UnsafeMutableRawBufferPointer(rebasing: target))
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return buffer
    }
}
