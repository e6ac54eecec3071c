import SanaEdge
import SanaModel

/// A layer of a reference pack that can be INT8, and what it would be.
struct QuantizedLayer: Sendable {
    let spec: TensorSpec
    let tensor: QuantizedTensor
    /// Bytes in a pack's file: as the reference holds it, and in INT8 with its scales.
    let referenceBytes: Int
    let int8Bytes: Int

    /// Nil where the tensor is no weight of a matrix or a convolution.
    init?(_ spec: TensorSpec, _ pack: PackReader) throws {
        guard spec.inputName != nil else { return nil }
        let scheme: Scheme = spec.component == .textEncoder ? .w8 : .w8a8
        let stored = try pack.requiredTensor(spec.packName)
        var values = RowQuantizer.widen(try pack.values(stored), as: stored.elementType)
        let layout = WeightLayout(spec, scheme)
        let shape = spec.packShape(scheme)
        if case .folded(_, let inputs) = layout {
            values = layout.runs(0..<shape[0]).flatMap { run in
                layout.arrange(channelMajor(values, inputs: inputs), run)
            }
        }
        var (quantized, scales): ([Int8], [Float]) = ([], [])
        guard
            RowQuantizer.quantize(
                values, rows: shape[0], columns: shape[1], into: &quantized, scales: &scales)
        else { throw ConversionError.tooLarge(tensor: spec.packName, row: 0) }
        self.spec = spec
        tensor = QuantizedTensor(scheme: scheme, columns: shape[1], values: quantized, scales: scales)
        referenceBytes = stored.storedByteCount
        let bytes = quantized.map { UInt8(bitPattern: $0) }
        let chunk = ChunkPlan.rowsPerChunk(rowBytes: shape[1]) * shape[1]
        int8Bytes = try stride(from: 0, to: bytes.count, by: chunk).reduce(4 * shape[0]) { sum, start in
            let part = Array(bytes[start..<min(start + chunk, bytes.count)])
            return try sum + ChunkCodec.encode(part, elementType: .i8).storedSize
        }
    }
}

/// From rows `[3, 3, in]`, as a pack holds them, to rows `[in, 3, 3]`, as a checkpoint does.
private func channelMajor(_ values: [Float], inputs: Int) -> [Float] {
    var arranged = [Float](repeating: 0, count: values.count)
    for row in stride(from: 0, to: values.count, by: 9 * inputs) {
        for tap in 0..<9 {
            for input in 0..<inputs { arranged[row + 9 * input + tap] = values[row + tap * inputs + input] }
        }
    }
    return arranged
}
