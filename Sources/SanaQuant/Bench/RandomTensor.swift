import SanaEdge
import SanaModel

/// A tensor of random values, nearly normal, such as keep a model's activations near 1. Any part of it can be had
/// at any time and is always the same.
package struct RandomTensor: TensorSource {
    package let type: ElementType
    package let elementCount: Int
    private let seed: UInt64
    private let mean: Float
    private let deviation: Float

    /// - Parameters:
    ///   - type: F32, F16 or BF16.
    ///   - index: its place in the model; another one has other values.
    package init(_ spec: TensorSpec, type: ElementType, index: Int) {
        self.type = type
        elementCount = spec.shape.reduce(1, *)
        seed = UInt64(index) << 40
        switch spec.kind {
        case .vector:
            mean = spec.name.contains("norm") && spec.name.hasSuffix(".weight") ? 1 : 0
            deviation = 0.02
        default:
            // A row's product with a vector of ones and minus ones has variance 1.
            mean = 0
            deviation = 1 / Float(spec.shape[1...].reduce(1, *)).squareRoot()
        }
    }

    package func readBytes(elements: Range<Int>) -> [UInt8] {
        let values = elements.map { mean + deviation * RandomValues.value(seed &+ UInt64($0)) }
        switch type {
        case .f16: return littleEndianBytes(RowQuantizer.narrowToF16(values))
        case .bf16: return littleEndianBytes(values.map { UInt16($0.bitPattern >> 16) })
        default: return littleEndianBytes(values.map(\.bitPattern))
        }
    }
}

/// Random numbers by their index.
enum RandomValues {
    /// Mean 0, variance 1: the sum of the eight bytes of a well-mixed counter (splitmix64).
    static func value(_ index: UInt64) -> Float {
        var z = index &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        let pairs = (z & 0x00FF_00FF_00FF_00FF) &+ ((z >> 8) & 0x00FF_00FF_00FF_00FF)
        let sum = (pairs &* 0x0001_0001_0001_0001) >> 48
        // Eight bytes have mean 8 x 127.5 and variance 8 x (256² - 1) / 12.
        return (Float(sum) - 1020) * (1 / 209.0224)
    }

    static func values(_ count: Int, seed: Int) -> [Float] {
        (0..<UInt64(count)).map { value(UInt64(seed) << 40 &+ $0) }
    }
}
