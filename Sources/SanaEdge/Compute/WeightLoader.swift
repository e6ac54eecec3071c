import SanaModel

/// Reads one component's weights from a pack into the forms that `Compute` works with.
///
/// Names are the checkpoint's, without the component's folder; every tensor is one of the configuration's
/// `TensorSpec`s, which the pack has been held against when it was opened. Vectors are read at once, weights when
/// `finish` is called: until then they are zeros.
package struct WeightLoader {
    let pack: PackReader
    let compute: Compute
    let component: Component
    /// What takes the place of tensors, by their names in the pack.
    private let substitutes: [String: QuantizedTensor]
    private let queue = LoadQueue()

    package init(
        pack: PackReader, compute: Compute, component: Component,
        substitutes: [String: QuantizedTensor] = [:]
    ) {
        self.pack = pack
        self.substitutes = substitutes
        self.compute = compute
        self.component = component
    }

    /// A loader of the same component, which has been asked for nothing yet.
    func another() -> WeightLoader {
        WeightLoader(pack: pack, compute: compute, component: component, substitutes: substitutes)
    }

    /// Where some of the component's tensors stand in the pack's file: ranges of bytes.
    func storedRanges(of names: TensorNames) -> [Range<Int>] {
        let prefix = "\(component.rawValue)."
        return pack.storedRanges { name in
            name.hasPrefix(prefix) && names.contains(name.dropFirst(prefix.count))
        }
    }

    /// Reads the weights that have been asked for, which are ready then.
    func finish() throws {
        try compute.measured("load weights") { try queue.run(pack, on: compute) }
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
        if let substitute = substitutes[tensor.name] {
            let inputs = tensor.shape[1] / 9
            return Convolution(
                weight: compute.convolutionWeight(
                    inputs: inputs, outputs: tensor.shape[0], upsamples: upsamples, w8a8: substitute.values,
                    scales: substitute.scales),
                bias: bias ? try vector("\(name).bias") : nil, name: "\(component.rawValue).\(name)")
        }
        let folded = upsamples && tensor.scheme.isQuantized
        let inputs = tensor.shape[1] / (folded ? 4 : 9)
        let outputs = folded ? tensor.shape[0] / 4 : tensor.shape[0]
        let weight: ConvolutionWeight.Values
        if tensor.scheme.isQuantized {
            let scales = try scales(tensor)
            let panels = (0..<(folded ? 4 : 1)).map { parity in
                compute.emptyPanels(
                    outputs: outputs, taps: folded ? 4 : 9, depth: inputs, scales: scales,
                    firstScale: parity * outputs)
            }
            queue.add(
                tensor,
                panels.enumerated().map { parity, panels in
                    part(parity * outputs..<(parity + 1) * outputs, panels)
                })
            weight = .w8a8(panels)
        } else {
            weight = .float(try self.weight("\(name).weight"))
        }
        return Convolution(
            weight: ConvolutionWeight(
                inputs: inputs, outputs: outputs, upsamples: upsamples, values: weight),
            bias: bias ? try vector("\(name).bias") : nil,
            name: "\(component.rawValue).\(name)")
    }

    /// A float convolution to few channels.
    ///
    /// Its weights are read at once, because it arranges them anew.
    func pixelConvolution(_ name: String) throws -> PixelConvolution {
        let own = another()
        let layer = try own.convolution(name, bias: true)
        try own.finish()
        guard let convolution = PixelConvolution(layer) else {
            preconditionFailure("\(name) has too many outputs or is int8")
        }
        return convolution
    }

    /// The scheme of a tensor; nil where there is none of this name.
    func scheme(_ name: String) -> Scheme? { pack.tensor("\(component.rawValue).\(name)")?.scheme }

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
        let outputs = try tensor("\(name).conv_inverted.weight").rows
        let halves = try weights(
            "\(name).conv_inverted.weight", rows: [[0..<outputs / 2], [outputs / 2..<outputs]])
        let (value, gate) = (halves[0], halves[1])
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

    /// What a block multiplies the input channels of a layer with, where a calibration has moved factors from there
    /// into the weights; nil where it has not.
    func inputFactors(_ layer: String) throws -> Buffer<Float>? {
        guard pack.tensor("\(component.rawValue).\(TransformerConfig.inputFactors(layer))") != nil else {
            return nil
        }
        return try vector(TransformerConfig.inputFactors(layer))
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
        try weights(name, rows: [[0..<tensor(name).rows]])[0]
    }

    /// Some outputs of a linear layer without bias, as a layer of its own for each list of ranges; no output twice.
    func linears(_ name: String, rows lists: [[Range<Int>]]) throws -> [Linear] {
        try weights("\(name).weight", rows: lists).map {
            Linear(weight: $0, bias: nil, name: "\(component.rawValue).\(name)")
        }
    }

    /// Some outputs of a GEMM weight, none of them twice, as one weight for each list of ranges.
    private func weights(_ name: String, rows lists: [[Range<Int>]]) throws -> [Weight] {
        let tensor = try tensor(name)
        let columns = tensor.shape[1...].reduce(1, *)
        if let substitute = substitutes[tensor.name] {
            return lists.map { substitute.weight(rows: $0, on: compute) }
        }
        let scales = tensor.scheme.isQuantized ? try scales(tensor) : nil
        var parts: [LoadQueue.Part] = []
        let weights = try lists.map { ranges in
            let rows = ranges.reduce(0) { $0 + $1.count }
            func buffer<Element>() -> Buffer<Element> {
                let buffer = Buffer<Element>(count: rows * columns)
                forEach(ranges) { parts.append(part($0, at: $1, rowBytes: tensor.rowBytes, buffer)) }
                return buffer
            }
            let values: Weight.Values
            switch tensor.elementType {
            case .f16: values = .f16(buffer())
            case .bf16: values = .bf16(buffer())
            case .f32: values = .f32(buffer())
            case .i8:
                guard let scales else { throw PackError.tensor(path: pack.path, name: name, .noScale) }
                let panels = compute.emptyPanels(
                    outputs: rows, taps: 1, depth: columns, scales: Buffer(ranges.joined().map { scales[$0] })
                )
                forEach(ranges) { parts.append(part($0, at: $1, panels)) }
                values = tensor.scheme == .w8a8 ? .w8a8(panels) : .w8(panels)
            }
            return Weight(rows: rows, columns: columns, values: values)
        }
        queue.add(tensor, parts)
        return weights
    }

    /// Calls `body` with each range and where it begins when they stand one behind the other.
    private func forEach(_ ranges: [Range<Int>], _ body: (Range<Int>, Int) -> Void) {
        var first = 0
        for range in ranges {
            body(range, first)
            first += range.count
        }
    }

    private func part(_ rows: Range<Int>, at first: Int = 0, _ panels: Panels) -> LoadQueue.Part {
        unsafe LoadQueue.Part(rows: rows) { [compute] outputs, bytes in
            unsafe compute.pack(
                bytes.assumingMemoryBound(to: Int8.self),
                outputs: first + outputs.lowerBound..<first + outputs.upperBound, into: panels)
        }
    }

    private func part<Element>(
        _ rows: Range<Int>, at first: Int = 0, rowBytes: Int, _ buffer: Buffer<Element>
    ) -> LoadQueue.Part {
        unsafe LoadQueue.Part(rows: rows) { rows, bytes in
            let start = (first + rows.lowerBound) * rowBytes
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(
                    rebasing: target[start..<start + rows.count * rowBytes]
                ).copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: rows.count * rowBytes))
            }
        }
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

    /// All values of a small tensor, at once.
    private func values<Element>(_ tensor: PackTensor) throws -> Buffer<Element> {
        let buffer = Buffer<Element>(count: tensor.byteCount / MemoryLayout<Element>.stride)
        let now = LoadQueue()
        now.add(tensor, [part(0..<tensor.rows, rowBytes: tensor.rowBytes, buffer)])
        try now.run(pack, on: compute)
        return buffer
    }
}
