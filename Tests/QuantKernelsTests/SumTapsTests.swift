import QuantKernels
import Testing

@Suite struct SumTapsTests {
    @Test(arguments: Edge.allCases, [(1, 1), (5, 3), (8, 7)])
    func everyTapIsReadFromItsNeighbour(edge: Edge, size: (pixels: Int, outputs: Int)) {
        let (pixels, outputs) = size
        let stride = 9 * outputs + 2
        let row = (pixels + 2) * stride
        var numbers = Numbers(seed: pixels)
        let values = numbers.floats(2 * row + (pixels + 1) * stride + 9 * outputs)
        let bias = numbers.floats(outputs)
        let x = GuardedMemory(values, edge)
        let b = GuardedMemory(bias, edge)
        for hasBias in [false, true] {
            let y = GuardedMemory([Float](repeating: 77, count: pixels * outputs), edge)
            unsafe qk_sum_taps_f32(
                pixels, outputs, x.base, stride, row, hasBias ? b.base : nil, y.base, outputs)
            let expected = (0..<pixels * outputs).map { index in
                let (pixel, output) = (index / outputs, index % outputs)
                return (0..<9).reduce(hasBias ? bias[output] : 0) { sum, tap in
                    sum + values[tap / 3 * row + (pixel + tap % 3) * stride + tap * outputs + output]
                }
            }
            #expect(y.array.bits == expected.bits)
        }
        extendLifetime((x, b))
    }
}
