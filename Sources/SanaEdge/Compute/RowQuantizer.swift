import QuantKernels
import SanaModel

/// What a converter needs of the arithmetic: single-threaded, and the same bits on every CPU.
public enum RowQuantizer {
    private static var kernels: qk_tier { unsafe Tier.available[Tier.available.count - 1].kernels }

    /// Symmetric int8 with one scale a row: absmax / 127, half to even, in [-127, 127] (qk_quantize.h). A row of
    /// zeros has scale 1.
    ///
    /// - Parameters:
    ///   - values: (rows, columns)
    ///   - quantized: becomes (rows, columns)
    ///   - scales: becomes (rows)
    /// - Returns: false where a value is NaN or infinite; the results are then unspecified.
    public static func quantize(
        _ values: [Float], rows: Int, columns: Int, into quantized: inout [Int8], scales: inout [Float]
    ) -> Bool {
        precondition(values.count == rows * columns)
        quantized = [Int8](repeating: 0, count: rows * columns)
        scales = [Float](repeating: 0, count: rows)
        guard rows > 0, columns > 0 else { return true }
        let kernels = unsafe kernels
        return unsafe quantized.withUnsafeMutableBytes { bytes in
            unsafe scales.withUnsafeMutableBufferPointer { scales in
                guard let target = bytes.baseAddress, let scales = scales.baseAddress else {
                    return true
                }
                return unsafe kernels.quantize_f32_s8(
                    rows, columns, values, columns, 0, target.assumingMemoryBound(to: UInt8.self), columns,
                    scales)
            }
        }
    }

    /// The float32 values of little-endian F32, F16 or BF16 bytes, exactly.
    public static func widen(_ bytes: [UInt8], as type: ElementType) -> [Float] {
        precondition(type != .i8 && bytes.count % type.byteCount == 0)
        let count = bytes.count / type.byteCount
        let kernels = unsafe kernels
        return unsafe [Float](unsafeUninitializedCapacity: count) { wide, initialized in
            initialized = count
            guard let target = wide.baseAddress, count > 0 else { return }
            unsafe bytes.withUnsafeBytes { source in
                if type == .f32 {
                    unsafe UnsafeMutableRawBufferPointer(wide).copyMemory(from: source)
                    return
                }
                let narrow =
                    unsafe Array(unsafeUninitializedCapacity: count) { (copy, filled) in
                        unsafe UnsafeMutableRawBufferPointer(copy).copyMemory(from: source)
                        filled = count
                    } as [UInt16]
                if type == .f16 {
                    unsafe kernels.widen_f16_f32(count, narrow, target)
                } else {
                    unsafe kernels.widen_bf16_f32(count, narrow, target)
                }
            }
        }
    }

    /// The nearest half-precision numbers, half to even; what is too large becomes infinite.
    public static func narrowToF16(_ values: [Float]) -> [UInt16] {
        unsafe [UInt16](unsafeUninitializedCapacity: values.count) { narrow, initialized in
            initialized = values.count
            if let target = narrow.baseAddress { unsafe qk_narrow_f32_f16(values.count, values, target) }
        }
    }

    /// Σ values² and Σ (values - scale · quantized)², whose ratio is the signal-to-quantization-noise ratio.
    public static func power(
        of values: [Float], quantized: [Int8], scales: [Float], columns: Int
    ) -> (signal: Double, noise: Double) {
        precondition(values.count == scales.count * columns && quantized.count == values.count)
        var (signal, noise) = (0.0, 0.0)
        for (row, scale) in scales.enumerated() {
            for index in row * columns..<(row + 1) * columns {
                let error = Double(values[index]) - Double(scale) * Double(quantized[index])
                signal += Double(values[index]) * Double(values[index])
                noise += error * error
            }
        }
        return (signal, noise)
    }
}
