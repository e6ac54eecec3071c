import QuantKernels
import Testing

/// Rows as two int8 digits of base 255.
@Suite struct QuantizeDigitsTests {
    struct Digits: Equatable {
        var isFinite = true
        var high: [UInt8]
        var low: [UInt8]
        var scales: [Float]
    }

    /// The definition of qk_quantize.h.
    static func quantize(_ row: [Float], stride: Int, offset: UInt8) -> Digits {
        let absmax = row.map(abs).max() ?? 0
        let filler = [UInt8](repeating: offset, count: stride)
        guard absmax >= 32512 * Float.leastNormalMagnitude else {
            return Digits(high: filler, low: filler, scales: [1, 1])
        }
        let q = row.map { Int(($0 * (32512 / absmax)).rounded(.toNearestOrEven)) }
        let high = q.map { Int((Double($0) / 255).rounded()) }
        func bytes(_ digits: [Int]) -> [UInt8] {
            digits.map { UInt8(bitPattern: Int8($0)) &+ offset } + filler[digits.count...]
        }
        let scale = absmax / 32512
        return Digits(
            high: bytes(high), low: bytes(zip(q, high).map { $0 - 255 * $1 }), scales: [255 * scale, scale])
    }

    static func run(_ tier: KernelTier, _ x: [Float], stride: Int, offset: UInt8, _ edge: Edge) -> Digits {
        let input = GuardedMemory(x, edge)
        let high = GuardedMemory([UInt8](repeating: 0x55, count: stride), edge)
        let low = GuardedMemory([UInt8](repeating: 0x55, count: stride), edge)
        let (highScale, lowScale) = (GuardedMemory([Float(0)], edge), GuardedMemory([Float(0)], edge))
        let isFinite = unsafe tier.kernels.quantize_f32_s8x2(
            1, x.count, input.base, x.count, offset, high.base, low.base, stride, highScale.base,
            lowScale.base)
        return Digits(
            isFinite: isFinite, high: high.array, low: low.array, scales: highScale.array + lowScale.array)
    }

    @Test(arguments: KernelTier.all, Edge.allCases)
    func digitsAndScalesFollowTheDefinition(tier: KernelTier, edge: Edge) {
        for columns in [1, 2, 3, 4, 15, 16, 17, 31, 33, 64, 100, 1153] {
            for offset: UInt8 in [0, 128] {
                var numbers = Numbers(seed: columns)
                let x = numbers.floats(columns, 3)
                let stride = (columns + 3) / 4 * 4
                #expect(
                    Self.run(tier, x, stride: stride, offset: offset, edge)
                        == Self.quantize(x, stride: stride, offset: offset))
            }
        }
    }

    @Test(arguments: KernelTier.all)
    func everySixteenBitNumberHasItsDigits(tier: KernelTier) {
        let x = (-32512...32512).map { Float($0) }
        let stride = (x.count + 3) / 4 * 4
        let digits = Self.run(tier, x, stride: stride, offset: 0, .end)
        #expect(digits == Self.quantize(x, stride: stride, offset: 0))
        let values = x.indices.map {
            255 * Int(Int8(bitPattern: digits.high[$0])) + Int(Int8(bitPattern: digits.low[$0]))
        }
        #expect(values == Array(-32512...32512))
        #expect(!digits.high.contains(0x80) && !digits.low.contains(0x80))
    }

    @Test(arguments: KernelTier.all)
    func rowsTooSmallForANormalScaleAreZeros(tier: KernelTier) {
        let smallest = 32512 * Float.leastNormalMagnitude
        for value in [0, -0.0, Float.leastNonzeroMagnitude, smallest.nextDown, smallest] {
            #expect(
                Self.run(tier, [value, -value], stride: 4, offset: 128, .end)
                    == Self.quantize([value, -value], stride: 4, offset: 128))
        }
    }

    @Test(arguments: KernelTier.all, [Float.nan, -Float.nan, Float.infinity, -Float.infinity])
    func aValueThatIsNotFiniteIsReportedWhereverItStands(tier: KernelTier, value: Float) {
        for columns in [1, 15, 16, 17, 40] {
            for position in 0..<columns {
                var numbers = Numbers(seed: 3)
                var x = numbers.floats(columns)
                x[position] = value
                #expect(!Self.run(tier, x, stride: 40, offset: 0, .end).isFinite)
            }
        }
    }
}
