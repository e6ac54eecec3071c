import QuantKernels
import Testing

@Suite struct NormTests {
    static let widths = [1, 2, 15, 16, 17, 40, 1152]

    @Test(arguments: widths, [false, true])
    func layerNormHasZeroMeanAndUnitVariance(columns: Int, modulated: Bool) {
        var numbers = Numbers(seed: columns)
        let rows = 3
        let x = numbers.floats(rows * columns, 2).map { $0 + 1.5 }
        let parameters = (0..<4).map { _ in numbers.floats(columns) }
        let y = onEveryTier { tier, edge in
            let source = GuardedMemory(x, edge)
            let target = GuardedMemory([Float](repeating: 9, count: rows * columns), edge)
            let p = parameters.map { GuardedMemory($0, edge) }
            defer { extendLifetime(p) }
            var norm = unsafe qk_layer_norm(
                epsilon: 1e-6, weight: modulated ? p[0].base : nil, bias: modulated ? p[1].base : nil,
                scale: modulated ? p[2].base : nil, shift: modulated ? p[3].base : nil)
            unsafe tier.kernels.layer_norm_f32(
                rows, columns, source.base, columns, &norm, target.base, columns)
            return target.array
        }
        for row in 0..<rows {
            let values = x[row * columns..<(row + 1) * columns].map { Double($0) }
            let mean = values.reduce(0, +) / Double(columns)
            let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
            let expected = values.enumerated().map { index, value in
                var result = (value - mean) / (variance + 1e-6).squareRoot()
                if modulated {
                    result = result * Double(parameters[0][index]) + Double(parameters[1][index])
                    result = result * (1 + Double(parameters[2][index])) + Double(parameters[3][index])
                }
                return result
            }
            expectClose(Array(y[row * columns..<(row + 1) * columns]), expected, columns == 1 ? 1e-3 : 1e-6)
        }
    }

    @Test(arguments: widths, [false, true])
    func rmsNormDividesByTheRootOfTheMeanSquare(columns: Int, full: Bool) {
        var numbers = Numbers(seed: columns)
        let rows = 3
        let (x, residual) = (numbers.floats(rows * columns, 2), numbers.floats(rows * columns))
        let (weight, bias) = (numbers.floats(columns), numbers.floats(columns))
        let y = onEveryTier { tier, edge in
            let (source, other) = (GuardedMemory(x, edge), GuardedMemory(residual, edge))
            let target = GuardedMemory([Float](repeating: 9, count: rows * columns), edge)
            let (w, b) = (GuardedMemory(weight, edge), GuardedMemory(bias, edge))
            defer { extendLifetime((w, b)) }
            var norm = unsafe qk_rms_norm(
                epsilon: 1e-5, unit_offset: full, weight: w.base, bias: full ? b.base : nil)
            unsafe tier.kernels.rms_norm_f32(
                rows, columns, source.base, columns, &norm, full ? other.base : nil, columns, target.base,
                columns)
            return target.array
        }
        for row in 0..<rows {
            let range = row * columns..<(row + 1) * columns
            let values = x[range].map { Double($0) }
            let root = (values.map { $0 * $0 }.reduce(0, +) / Double(columns) + 1e-5).squareRoot()
            let expected = values.enumerated().map { index, value in
                full
                    ? Double(residual[range][range.lowerBound + index])
                        + (value / root * (1 + Double(weight[index])) + Double(bias[index]))
                    : value / root * Double(weight[index])
            }
            expectClose(Array(y[range]), expected, 1e-6)
        }
    }
}
