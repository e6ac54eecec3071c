import QuantKernels
import Testing

@Suite struct WidenTests {
    @Test func everyHalfThatIsANumberIsWidenedExactly() {
        let halves = (0...UInt16.max).filter { $0 & 0x7FFF <= 0x7C00 }
        let wide = onEveryTier { tier, edge in Self.widen(halves, tier, edge) }
        for (half, value) in zip(halves, wide) {
            #expect(value.bitPattern == Self.value(ofHalf: half).bitPattern, "\(half)")
        }
    }

    @Test(arguments: KernelTier.all)
    func whatIsNoNumberStaysNone(tier: KernelTier) {
        let halves = (0...UInt16.max).filter { $0 & 0x7FFF > 0x7C00 }
        #expect(!Self.widen(halves, tier, .end).contains { !$0.isNaN })
    }

    private static func widen(_ halves: [UInt16], _ tier: KernelTier, _ edge: Edge) -> [Float] {
        let source = GuardedMemory(halves, edge)
        let target = GuardedMemory([Float](repeating: 0, count: halves.count), edge)
        unsafe tier.kernels.widen_f16_f32(halves.count, source.base, target.base)
        return target.array
    }

    @Test func everyHalfSurvivesTheWayThereAndBack() {
        let halves = (0...UInt16.max).map { $0 }
        var narrow = [UInt16](repeating: 0, count: halves.count)
        unsafe qk_narrow_f32_f16(halves.count, halves.map(Self.value(ofHalf:)), &narrow)
        for (half, back) in zip(halves, narrow) where half & 0x7FFF <= 0x7C00 { #expect(back == half) }
    }

    @Test func narrowingRoundsHalfToEvenAndOverflowsToInfinity() {
        let cases: [(Float, UInt16)] = [
            (1 + 0x1p-11, 0x3C00), (1 + 0x1.8p-10, 0x3C02), ((1 + 0x1p-11).nextUp, 0x3C01), (65519, 0x7BFF),
            (65520, 0x7C00), (-1e30, 0xFC00), (.infinity, 0x7C00), (0x1p-25, 0), (0x1.000002p-25, 1),
            (0x1.8p-24, 2), (-0.0, 0x8000), (0x1.ffep-15, 0x0400), (0x1p-14, 0x0400),
        ]
        var narrow = [UInt16](repeating: 0, count: cases.count + 1)
        unsafe qk_narrow_f32_f16(cases.count + 1, cases.map(\.0) + [.nan], &narrow)
        for (index, expected) in cases.enumerated() { #expect(narrow[index] == expected.1, "\(expected.0)") }
        #expect(narrow[cases.count] & 0x7FFF > 0x7C00)
    }

    @Test(arguments: [1, 15, 16, 17, 50])
    func otherTypesAreWidenedAtEveryLength(count: Int) {
        var numbers = Numbers(seed: count)
        let bytes = numbers.int8(count)
        let halves = (0..<count).map { _ in UInt16(numbers.next() & 0x7BFF) }
        let scaled = onEveryTier { tier, edge in
            let source = GuardedMemory(bytes, edge)
            let target = GuardedMemory([Float](repeating: 0, count: count), edge)
            unsafe tier.kernels.widen_s8_f32(count, source.base, 0.37, target.base)
            return target.array
        }
        #expect(scaled == bytes.map { Float($0) * 0.37 })
        let brains = onEveryTier { tier, edge in
            let source = GuardedMemory(halves, edge)
            let target = GuardedMemory([Float](repeating: 0, count: count), edge)
            unsafe tier.kernels.widen_bf16_f32(count, source.base, target.base)
            return target.array
        }
        #expect(brains.bits == halves.map { UInt32($0) << 16 })
        let wide = onEveryTier { tier, edge in
            let source = GuardedMemory(halves, edge)
            let target = GuardedMemory([Float](repeating: 0, count: count), edge)
            unsafe tier.kernels.widen_f16_f32(count, source.base, target.base)
            return target.array
        }
        #expect(wide == halves.map(Self.value(ofHalf:)))
    }

    static func value(ofHalf half: UInt16) -> Float {
        let (exponent, fraction) = (Int(half >> 10 & 31), Float(half & 0x3FF) / 1024)
        let size: Float =
            switch exponent {
            case 0: fraction * 0x1p-14
            case 31: fraction == 0 ? .infinity : .nan
            default: (1 + fraction) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
            }
        return half >> 15 == 0 ? size : -size
    }
}
