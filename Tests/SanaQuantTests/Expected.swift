import SanaModel

/// What a pack should hold of a tensor, worked out in the plainest way.
struct Expected {
    /// (rows, columns), in the pack's layout.
    var values: [Float]
    var rows: Int
    var columns: Int { values.count / rows }

    /// From a checkpoint's values.
    init(_ source: [Float], _ spec: TensorSpec, _ scheme: Scheme) {
        rows = spec.packShape(scheme)[0]
        switch spec.kind {
        case .convolution:
            values = Self.tapMajor(source, spec)
        case .upsamplingConvolution:
            values = scheme.isQuantized ? Self.folded(source, spec) : Self.tapMajor(source, spec)
        default:
            values = source
        }
    }

    private static func tapMajor(_ source: [Float], _ spec: TensorSpec) -> [Float] {
        let inputs = spec.shape[1]
        return (0..<source.count).map { index in
            let (o, tap, i) = (index / (9 * inputs), index / inputs % 9, index % inputs)
            return source[(o * inputs + i) * 9 + tap]
        }
    }

    private static func folded(_ source: [Float], _ spec: TensorSpec) -> [Float] {
        let (outputs, inputs) = (spec.shape[0], spec.shape[1])
        var folded = [Float](repeating: 0, count: 16 * outputs * inputs)
        for py in 0..<2 {
            for px in 0..<2 {
                for o in 0..<outputs {
                    for i in 0..<inputs {
                        for ky in 0..<3 {
                            for kx in 0..<3 {
                                // The pixel that a tap reads, from the one before: floor((p + k - 1) / 2) - p + 1.
                                let (ty, tx) = ((py + ky + 1) / 2 - py, (px + kx + 1) / 2 - px)
                                let row = (2 * py + px) * outputs + o
                                folded[row * 4 * inputs + (2 * ty + tx) * inputs + i] +=
                                    source[((o * inputs + i) * 3 + ky) * 3 + kx]
                            }
                        }
                    }
                }
            }
        }
        return folded
    }

    /// Symmetric int8, one scale a row.
    var quantized: (values: [Int8], scales: [Float]) {
        var quantized: [Int8] = []
        var scales: [Float] = []
        for row in 0..<rows {
            let values = values[row * columns..<(row + 1) * columns]
            let greatest = values.reduce(0) { max($0, $1.magnitude) }
            scales.append(greatest > 0 ? greatest / 127 : 1)
            let inverse = greatest > 0 ? 127 / greatest : 0
            quantized += values.map { Int8(max(-127, min(127, ($0 * inverse).rounded(.toNearestOrEven)))) }
        }
        return (quantized, scales)
    }
}

/// Little-endian bytes as float32 values.
func floats(_ bytes: [UInt8], _ type: ElementType) -> [Float] {
    Safetensors.Tensor(type: type.name, shape: [], bytes: bytes).values
}
