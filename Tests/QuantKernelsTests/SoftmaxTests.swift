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
        let (rows, stride) = (19, columns + 3)
        let logits = numbers.floats((rows - 1) * stride + columns, 40)
        for (begin, end) in [
            (0, columns), (columns / 3, columns), (0, max(1, columns / 2)), (columns - 1, columns),
        ] {
            let weights = onEveryTier { tier, edge in
                let memory = GuardedMemory(logits, edge)
                unsafe tier.kernels.softmax_f32(
                    rows, columns, begin, end, 0.25, softcap, memory.base, stride)
                return memory.array
            }
            for row in 0..<rows {
                let place = row * stride..<row * stride + columns
                let capped = logits[place].map { logit in
                    let scaled = Double(logit) * 0.25
                    return softcap > 0 ? Double(softcap) * tanh(scaled / Double(softcap)) : scaled
                }
                let top = capped[begin..<end].max() ?? 0
                let powers = capped.indices.map { $0 >= begin && $0 < end ? exp(capped[$0] - top) : 0 }
                let total = powers.reduce(0, +)
                let found = Array(weights[place])
                expectClose(found, powers.map { $0 / total }, 3e-6)
                #expect(found.indices.allSatisfy { ($0 >= begin && $0 < end) || found[$0] == 0 })
                // What stands between rows is not theirs.
                let between = place.upperBound..<min(logits.count, place.lowerBound + stride)
                #expect(weights[between] == logits[between])
            }
        }
    }

    @Test func hugeLogitsDoNotOverflow() {
        let weights = onEveryTier { tier, edge in
            let memory = GuardedMemory<Float>([1e38, -1e38, 1e38, 0], edge)
            unsafe tier.kernels.softmax_f32(1, 4, 0, 4, 1, 0, memory.base, 4)
            return memory.array
        }
        #expect(weights == [0.5, 0, 0.5, 0])
    }
}
