import SanaEdge
import SanaModel
import TestSupport
import Testing

@Suite struct NormalsTests {
    private struct Case {
        let seed: UInt64
        let draws: [[Double]]
    }

    private static func cases() throws -> [Case] {
        let golden = try Fixtures.json("normals.json")
        return try #require(golden["cases"]?.arrayValue).map { entry in
            let seed = try #require(entry["seed"]?.stringValue)
            let draws = try #require(entry["draws"]?.arrayValue)
            return Case(
                seed: try #require(UInt64(seed)),
                draws: try draws.map { try #require($0.arrayValue).map { try #require($0.doubleValue) } })
        }
    }

    /// torch's own vectorized logarithm, sine and cosine differ from one instruction set to the next by a few units
    /// in the last place of numbers around 1.
    @Test func drawsMatchTorch() throws {
        let cases = try Self.cases()
        #expect(cases.count == 8)
        for golden in cases {
            var normals = Normals(seed: golden.seed)
            for expected in golden.draws {
                let found = normals.draw(expected.count)
                let worst = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
                #expect(worst < 1e-6, "seed \(golden.seed), \(expected.count) numbers: off by \(worst)")
            }
        }
    }

    @Test func onlyTheLow32BitsOfASeedCount() {
        var small = Normals(seed: 5)
        var large = Normals(seed: 5 + 1 << 32)
        #expect(small.draw(64) == large.draw(64))
    }

    @Test func aLongDrawHasMeanZeroAndVarianceOne() {
        var normals = Normals(seed: 3)
        let values = normals.draw(100_000).map(Double.init)
        let mean = values.reduce(0, +) / 100_000
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
        #expect(abs(mean) < 0.01)
        #expect(abs(variance - 1) < 0.015)
    }
}
