import QuantKernels
import Testing

@Suite struct ElementwiseTests {
    @Test(arguments: [1, 7, 16, 33])
    func sumsAreExact(columns: Int) {
        var numbers = Numbers(seed: columns)
        let (x, y) = (numbers.floats(3 * columns), numbers.floats(3 * columns))
        let sums = onEveryTier { tier, edge in
            let (source, target) = (GuardedMemory(x, edge), GuardedMemory(y, edge))
            unsafe tier.kernels.add_f32(3, columns, source.base, columns, target.base, columns)
            return target.array
        }
        #expect(sums.bits == zip(x, y).map { $1 + $0 }.bits)
    }

    @Test(arguments: [2, 6, 32, 72, 256])
    func headsAreRotatedByHalves(dimension: Int) {
        var numbers = Numbers(seed: dimension)
        let (heads, half) = (3, dimension / 2)
        let x = numbers.floats(heads * dimension)
        let (cosines, sines) = (numbers.floats(half), numbers.floats(half))
        let y = onEveryTier { tier, edge in
            let (cosine, sine) = (GuardedMemory(cosines, edge), GuardedMemory(sines, edge))
            let memory = GuardedMemory(x, edge)
            unsafe tier.kernels.rotate_f32(heads, dimension, cosine.base, sine.base, memory.base)
            return memory.array
        }
        let expected = x.indices.map { index in
            let (head, i) = (index / dimension * dimension, index % dimension)
            let (a, b) = (x[head + i % half], x[head + half + i % half])
            return i < half ? a * cosines[i] - b * sines[i] : b * cosines[i - half] + a * sines[i - half]
        }
        #expect(y.bits == expected.bits)
    }

    @Test(arguments: [QK_OUTPUT_STORE, QK_OUTPUT_ADD, QK_OUTPUT_ADD_GATED])
    func floatSumsAreFinishedLikeInt8Ones(output: qk_output) {
        for columns in [1, 15, 16, 40] {
            var numbers = Numbers(seed: columns)
            let rows = 3
            let (sums, y) = (numbers.floats(rows * columns), numbers.floats(rows * columns))
            let (bias, gates) = (numbers.floats(columns), numbers.floats(columns))
            let result = onEveryTier { tier, edge in
                let (source, target) = (GuardedMemory(sums, edge), GuardedMemory(y, edge))
                let (biases, gateValues) = (GuardedMemory(bias, edge), GuardedMemory(gates, edge))
                defer { extendLifetime((biases, gateValues)) }
                var epilogue = unsafe qk_epilogue(
                    output: output, activation: QK_ACTIVATION_NONE, bias: biases.base, gates: gateValues.base)
                unsafe tier.kernels.finish_f32(
                    rows, columns, source.base, columns, &epilogue, target.base, columns)
                return target.array
            }
            let expected = sums.indices.map { index in
                let column = index % columns
                let r = sums[index] + bias[column]
                return switch output {
                case QK_OUTPUT_ADD: y[index] + r
                case QK_OUTPUT_ADD_GATED: y[index].addingProduct(r, gates[column])
                default: r
                }
            }
            let isSame = result.bits == expected.bits
            #expect(isSame)
        }
    }
}
