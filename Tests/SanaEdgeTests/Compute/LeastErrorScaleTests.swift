import SanaEdge
import TestSupport
import Testing

@Suite struct LeastErrorScaleTests {
    private static func error(_ row: [Float], _ importance: [Float], _ q: [Int8], _ scale: Float) -> Double {
        row.indices.reduce(0.0) { sum, index in
            let difference = Double(row[index]) - Double(scale) * Double(q[index])
            return sum + Double(importance[index]) * difference * difference
        }
    }

    /// Never worse than absmax / 127, and for rows of many columns close to the best of many scales.
    @Test(arguments: [1, 5, 16, 17, 100])
    func errorsAreThoseOfTheBestScale(columns: Int) {
        var state: UInt64 = UInt64(columns)
        func number() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
        }
        for _ in 0..<20 {
            // Long tails, so that clipping can pay.
            let row = (0..<columns).map { _ in
                let x = number()
                return x * x * x
            }
            let importance = (0..<columns).map { _ in number().magnitude }
            let scales = RowQuantizer.leastErrorScales(row, rows: 1, columns: columns, importance: importance)
            func error(_ scale: Float) -> Double {
                Self.error(
                    row, importance, RowQuantizer.quantize(row, columns: columns, scales: [scale]), scale)
            }
            let plain = (row.map(\.magnitude).max() ?? 0) / 127
            let best = (0..<400).map { error(plain * (1 - Float($0) / 800)) }.min() ?? 0
            #expect(error(scales[0]) <= error(plain) * 1.00001)
            if columns >= 100 { #expect(error(scales[0]) <= best * 1.25) }
        }
    }

    @Test func rowsOfZerosHaveScaleOne() {
        #expect(
            RowQuantizer.leastErrorScales(
                [0, 0, 3, -6], rows: 2, columns: 2, importance: [0, 0]) == [1, 6 / 127])
        #expect(RowQuantizer.quantize([0, 0, 3, -9], columns: 2, scales: [1, 6 / 127]) == [0, 0, 64, -127])
    }
}
