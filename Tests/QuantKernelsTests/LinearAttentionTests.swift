import QuantKernels
import Testing

@Suite struct LinearAttentionTests {
    @Test(arguments: [1, 4, 8, 16, 17, 32, 40], [1, 3, 16, 37])
    func outputIsTheWeightedMeanOfTheValues(dimension: Int, tokens: Int) {
        var numbers = Numbers(seed: dimension * tokens)
        let stride = dimension + 3
        let count = (tokens - 1) * stride + dimension
        let (q, k, v) = (numbers.floats(count), numbers.floats(count), numbers.floats(count))
        let y = onEveryTier { tier, edge in
            let (queries, keys) = (GuardedMemory(q, edge), GuardedMemory(k, edge))
            let values = GuardedMemory(v, edge)
            let state = GuardedMemory([Float](repeating: 0, count: dimension * (dimension + 1)), edge)
            let y = GuardedMemory([Float](repeating: 9, count: tokens * dimension), edge)
            let first = tokens / 2
            for run in [0..<first, first..<tokens] where !run.isEmpty {
                unsafe tier.kernels.linear_attention_state_f32(
                    run.count, dimension, keys.base + run.lowerBound * stride, stride,
                    values.base + run.lowerBound * stride, stride, state.base)
            }
            unsafe tier.kernels.linear_attention_output_f32(
                tokens, dimension, 1e-6, queries.base, stride, state.base, y.base, dimension)
            return y.array
        }
        var expected: [Double] = []
        for token in 0..<tokens {
            let weights = (0..<tokens).map { other in
                (0..<dimension).reduce(0.0) { sum, i in
                    sum + Double(max(q[token * stride + i], 0)) * Double(max(k[other * stride + i], 0))
                }
            }
            let total = weights.reduce(0, +) + 1e-6
            expected += (0..<dimension).map { j in
                (0..<tokens).reduce(0.0) { $0 + weights[$1] * Double(v[$1 * stride + j]) } / total
            }
        }
        expectClose(y, expected, 2e-5)
    }
}
