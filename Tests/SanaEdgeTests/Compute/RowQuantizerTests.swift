import SanaEdge
import Testing

@Suite struct RowQuantizerTests {
    @Test func rowsHaveTheirOwnScales() {
        var (q, scales): ([Int8], [Float]) = ([], [])
        let isFinite = RowQuantizer.quantize(
            [1, -2, 0.5, 0, 0, 0, 254, 3, -127], rows: 3, columns: 3, into: &q, scales: &scales)
        #expect(isFinite)
        #expect(q == [64, -127, 32, 0, 0, 0, 127, 2, -64])
        #expect(scales == [2 / 127, 1, 2])
    }

    @Test func valuesThatAreNotFiniteAreReported() {
        var (q, scales): ([Int8], [Float]) = ([], [])
        #expect(!RowQuantizer.quantize([1, .nan], rows: 1, columns: 2, into: &q, scales: &scales))
        #expect(!RowQuantizer.quantize([1, 2, .infinity, 0], rows: 2, columns: 2, into: &q, scales: &scales))
        #expect(RowQuantizer.quantize([], rows: 0, columns: 2, into: &q, scales: &scales))
    }

    @Test func powersGiveTheSignalToNoiseRatio() {
        let (signal, noise) = RowQuantizer.power(
            of: [3, 4, 1, 0], quantized: [3, 3, 1, 0], scales: [1, 0.5], columns: 2)
        #expect(signal == 26 && noise == 1.25)
    }

    @Test func storedTypesAreWidened() {
        #expect(RowQuantizer.widen([0x00, 0x3C, 0x00, 0xC0], as: .f16) == [1, -2])
        #expect(RowQuantizer.widen([0x80, 0x3F, 0x00, 0xC0], as: .bf16) == [1, -2])
        #expect(RowQuantizer.widen([0, 0, 0x80, 0x3F], as: .f32) == [1])
        #expect(RowQuantizer.widen([], as: .f16) == [])
        #expect(RowQuantizer.narrowToF16([1, -2, 1e9]) == [0x3C00, 0xC000, 0x7C00])
    }
}
