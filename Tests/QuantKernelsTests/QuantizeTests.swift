import QuantKernels
import Testing

@Suite struct QuantizeTests {
    /// The definition of qk_quantize.h.
    static func quantize(_ row: [Float]) -> (values: [Int8], scale: Float) {
        let absmax = row.map(abs).max() ?? 0
        guard absmax >= 127 * Float.leastNormalMagnitude else {
            return ([Int8](repeating: 0, count: row.count), 1)
        }
        let inverse = 127 / absmax
        return (row.map { Int8(($0 * inverse).rounded(.toNearestOrEven)) }, absmax / 127)
    }

    static func run(
        _ tier: KernelTier, _ x: [Float], rows: Int, columns: Int, offset: UInt8, _ edge: Edge
    ) -> (finite: Bool, values: [UInt8], scales: [Float]) {
        let stride = (columns + 3) / 4 * 4
        let input = GuardedMemory(x, edge)
        let q = GuardedMemory([UInt8](repeating: 0x55, count: rows * stride), edge)
        let scales = GuardedMemory([Float](repeating: 0, count: rows), edge)
        let finite = unsafe tier.kernels.quantize_f32_s8(
            rows, columns, input.base, columns, offset, q.base, stride, scales.base)
        return (finite, q.array, scales.array)
    }

    @Test(arguments: KernelTier.all, Edge.allCases)
    func valuesAndScalesFollowTheDefinition(tier: KernelTier, edge: Edge) {
        for columns in [1, 2, 3, 4, 15, 16, 17, 31, 33, 64, 100, 1153] {
            for offset: UInt8 in [0, 128] {
                var numbers = Numbers(seed: columns)
                let rows = 4
                let x = numbers.floats(rows * columns, 3)
                let result = Self.run(tier, x, rows: rows, columns: columns, offset: offset, edge)
                #expect(result.finite)
                let stride = (columns + 3) / 4 * 4
                for row in 0..<rows {
                    let expected = Self.quantize(Array(x[row * columns..<(row + 1) * columns]))
                    let padded =
                        expected.values.map { UInt8(bitPattern: $0) &+ offset }
                        + [UInt8](repeating: offset, count: stride - columns)
                    #expect(Array(result.values[row * stride..<(row + 1) * stride]) == padded)
                    #expect(result.scales[row].bitPattern == expected.scale.bitPattern)
                }
            }
        }
    }

    /// Factors may take a row's greatest value elsewhere, to infinity or to nothing.
    @Test(arguments: KernelTier.all, Edge.allCases)
    func factorsAreMultipliedInAsValuesAreRead(tier: KernelTier, edge: Edge) {
        for columns in [1, 3, 15, 16, 17, 31, 33, 64, 100, 1153] {
            var numbers = Numbers(seed: columns)
            let (rows, stride) = (3, (columns + 3) / 4 * 4)
            let x = numbers.floats(rows * columns, 3)
            let factors = (0..<columns).map { [1, 0.03125, 64, 0.7][$0 % 4] as Float }
            let (input, scaling) = (GuardedMemory(x, edge), GuardedMemory(factors, edge))
            for offset: UInt8 in [0, 128] {
                let q = GuardedMemory([UInt8](repeating: 0x55, count: rows * stride), edge)
                let scales = GuardedMemory([Float](repeating: 0, count: rows), edge)
                #expect(
                    unsafe tier.kernels.quantize_scaled_f32_s8(
                        rows, columns, input.base, columns, scaling.base, offset, q.base, stride, scales.base)
                )
                let products = x.indices.map { x[$0] * factors[$0 % columns] }
                let expected = Self.run(tier, products, rows: rows, columns: columns, offset: offset, edge)
                #expect(q.array == expected.values && scales.array == expected.scales)
            }
        }
        let large = GuardedMemory([Float.greatestFiniteMagnitude, 0], edge)
        let factors = GuardedMemory([2, 1] as [Float], edge)
        let (q, scale) = (GuardedMemory([0, 0] as [UInt8], edge), GuardedMemory([0] as [Float], edge))
        #expect(
            unsafe !tier.kernels.quantize_scaled_f32_s8(
                1, 2, large.base, 2, factors.base, 0, q.base, 2, scale.base))
    }

    @Test(arguments: KernelTier.all)
    func tiesGoToTheEvenNeighbour(tier: KernelTier) {
        let row: [Float] = [127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, -126.5, -127]
        let result = Self.run(tier, row, rows: 1, columns: row.count, offset: 0, .end)
        #expect(
            result.values.prefix(10).map { Int8(bitPattern: $0) } == [
                127, 0, 2, 2, 0, -2, -2, 126, -126, -127,
            ])
    }

    @Test(arguments: KernelTier.all)
    func rowsTooSmallForANormalScaleAreZeros(tier: KernelTier) {
        let smallest = 127 * Float.leastNormalMagnitude
        for value in [0, -0.0, Float.leastNonzeroMagnitude, smallest.nextDown] {
            let result = Self.run(
                tier, [value, -value, value], rows: 1, columns: 3, offset: 128, .end)
            #expect(result.finite && result.scales == [1] && result.values == [128, 128, 128, 128])
        }
        let result = Self.run(tier, [smallest, 0], rows: 1, columns: 2, offset: 0, .end)
        #expect(result.scales == [Float.leastNormalMagnitude] && result.values == [127, 0, 0, 0])
    }

    @Test(arguments: KernelTier.all)
    func greatestFiniteRowsQuantize(tier: KernelTier) {
        let most = Float.greatestFiniteMagnitude
        let result = Self.run(tier, [most, -most, most / 2], rows: 1, columns: 3, offset: 0, .end)
        #expect(result.finite && result.scales == [most / 127])
        #expect(result.values.map { Int8(bitPattern: $0) } == [127, -127, 64, 0])
    }

    @Test(arguments: KernelTier.all, [Float.nan, -Float.nan, Float.infinity, -Float.infinity])
    func aValueThatIsNotFiniteIsReportedWhereverItStands(tier: KernelTier, value: Float) {
        for columns in [1, 15, 16, 17, 40] {
            for position in 0..<2 * columns {
                var numbers = Numbers(seed: 3)
                var x = numbers.floats(2 * columns)
                x[position] = value
                #expect(!Self.run(tier, x, rows: 2, columns: columns, offset: 0, .end).finite)
                let memory = GuardedMemory(x, .end)
                #expect(unsafe !tier.kernels.is_finite_f32(2, columns, memory.base, columns))
            }
        }
    }
}
