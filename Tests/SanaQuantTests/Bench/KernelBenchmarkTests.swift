import SanaEdge
import SanaQuant
import Testing

@Suite struct KernelBenchmarkTests {
    private static let shapes: [KernelShape] =
        KernelShape.Epilogue.allCases.map { .gemm(rows: 5, columns: 70, depth: 36, $0) } + [
            .convolution(height: 3, width: 4, inputs: 8, outputs: 16, upsamples: false),
            .convolution(height: 3, width: 4, inputs: 8, outputs: 16, upsamples: true),
        ]

    @Test func everyTierIsMeasuredOnEveryShape() throws {
        var benchmark = KernelBenchmark()
        (benchmark.shapes, benchmark.threads) = (Self.shapes, 2)
        let json = try benchmark.run { _, _ in }.json
        #expect(json["threads"]?.intValue == 2)
        let tiers = try #require(json["tiers"]?.arrayValue)
        #expect(tiers.map { $0["tier"]?.stringValue } == Tier.available.map(\.name))
        for tier in tiers {
            let peak = try #require(tier["peakGMACs"]?["one"]?.doubleValue)
            #expect(peak > 0 && (tier["floatPeakGMACs"]?["all"]?.doubleValue ?? 0) > 0)
            let shapes = try #require(tier["shapes"]?.arrayValue)
            #expect(shapes.count == Self.shapes.count)
            for shape in shapes {
                let rate = try #require(shape["one"]?.doubleValue)
                #expect(rate > 0 && (shape["all"]?.doubleValue ?? 0) > 0)
                #expect(shape["shareOne"]?.doubleValue == rate / peak)
            }
        }
    }

    @Test func macsAreThoseThatAreExecuted() {
        #expect(Self.shapes[0].macs == 5 * 70 * 36)
        #expect(Self.shapes[4].macs == 12 * 9 * 8 * 16)
        // Four taps on each of four parities, where nine taps on four pixels are nominal.
        #expect(Self.shapes[5].macs == 12 * 16 * 8 * 16)
    }

    @Test func theShapesAreThoseOfTheModels() {
        let shapes = Set(KernelShape.all.map { [$0.rows, $0.columns, $0.depth] })
        for rows in [1, 4, 16, 256, 512, 1024, 2048] {
            for (columns, depth) in [
                (3456, 1152), (1152, 1152), (5760, 1152), (1152, 2880), (6720, 2240), (2240, 2240),
                (11200, 2240), (2240, 5600),
            ] {
                #expect(shapes.contains([rows, columns, depth]))
            }
        }
        #expect(shapes.contains([64 * 256, 512, 9 * 512]) && shapes.contains([4 * 64 * 512, 128, 4 * 256]))
    }
}
