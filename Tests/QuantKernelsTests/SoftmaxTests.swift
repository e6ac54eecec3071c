import QuantKernels
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct SoftmaxTests {
    @Test(arguments: [1, 2, 15, 16, 17, 33, 300], [Float(0), 5])
    func weightsAreThoseOfTheVisibleColumns(columns: Int, softcap: Float) {
        var numbers = Numbers(seed: columns)
        let logits = numbers.floats(columns, 40)
        for (begin, end) in [
            (0, columns), (columns / 3, columns), (0, max(1, columns / 2)), (columns - 1, columns),
        ] {
            let weights = onEveryTier { tier, edge in
                let memory = GuardedMemory(logits, edge)
                unsafe tier.kernels.softmax_f32(columns, begin, end, 0.25, softcap, memory.base)
                return memory.array
            }
            let capped = logits.map { logit in
                let scaled = Double(logit) * 0.25
                return softcap > 0 ? Double(softcap) * tanh(scaled / Double(softcap)) : scaled
            }
            let top = capped[begin..<end].max() ?? 0
            let powers = capped.indices.map { $0 >= begin && $0 < end ? exp(capped[$0] - top) : 0 }
            let total = powers.reduce(0, +)
            expectClose(weights, powers.map { $0 / total }, 3e-6)
            #expect(weights.indices.allSatisfy { ($0 >= begin && $0 < end) || weights[$0] == 0 })
        }
    }

    @Test func hugeLogitsDoNotOverflow() {
        let weights = onEveryTier { tier, edge in
            let memory = GuardedMemory<Float>([1e38, -1e38, 1e38, 0], edge)
            unsafe tier.kernels.softmax_f32(4, 0, 4, 1, 0, memory.base)
            return memory.array
        }
        #expect(weights == [0.5, 0, 0.5, 0])
    }
}
