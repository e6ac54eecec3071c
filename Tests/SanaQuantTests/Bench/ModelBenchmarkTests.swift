import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

@Suite struct ModelBenchmarkTests {
    private func small(_ change: (inout ModelBenchmark) -> Void = { _ in }) throws -> ModelBenchmark {
        var benchmark = ModelBenchmark(tier: try Tier.selected())
        (benchmark.preset, benchmark.width, benchmark.height) = (.reference, 64, 96)
        (benchmark.threads, benchmark.repeats) = (2, 2)
        change(&benchmark)
        return benchmark
    }

    @Test(arguments: Preset.allCases) func everyPartOfTheSmallModelIsTimed(policy: Preset) throws {
        let report = try small { $0.policy = policy.rawValue }.run { _, _, _ in }
        #expect(report.parts.map(\.name) == ["text30", "text300", "load", "transformerPass", "decode"])
        #expect(report.parts.allSatisfy { $0.timing.seconds > 0 && $0.timing.operations.isEmpty })
        #expect(report.parts.allSatisfy { ($0.macs == nil) == ($0.name == "load") })
        #expect(report.peakGMACs > 0 && report.floatPeakGMACs > 0)
        #expect(report.boundGMACs == (policy == .fp16 ? report.floatPeakGMACs : report.peakGMACs))
    }

    /// It is told by what its rules give, not by its name.
    @Test func aPolicyWithoutINT8IsBoundByFloats() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "name: plain\nrules:\n  - match: \"*\"\n    scheme: f16\n".utf8, to: "plain.yaml")
        let report = try small {
            $0.policy = path
            $0.parts = [.decoder]
        }.run { _, _, _ in }
        #expect(report.boundGMACs == report.floatPeakGMACs)
    }

    @Test func theProfileAddsUpToTheWhole() throws {
        let report = try small { $0.profiles = true }.run { _, _, _ in }
        for part in report.parts {
            let sum = part.timing.operations.reduce(0) { $0 + $1.seconds }
            #expect(part.timing.operations.allSatisfy { $0.seconds >= 0 })
            #expect(abs(sum - part.timing.seconds) < 1e-9, "\(part.name)")
        }
    }

    @Test func aLoadIsReadingAndArranging() throws {
        let report = try small {
            $0.profiles = true
            $0.parts = [.load]
        }.run { _, _, _ in }
        #expect(report.parts.map(\.name) == ["load"])
        let operations = Set(report.parts[0].timing.operations.map(\.name))
        #expect(operations.contains("load weights"))
    }

    @Test func jsonHasItsKeysInOrderAndNullWhereAPartWasLeftOut() throws {
        let json = try small {
            $0.parts = [.decoder]
            $0.profiles = true
        }.run { _, _, _ in }.json
        #expect(
            json.objectValue?.keys.map(\.string) == [
                "preset", "policy", "width", "height", "textSeconds30", "textSeconds300",
                "transformerPassSeconds", "decodeSeconds", "loadSeconds", "macs", "peakGMACs",
                "floatPeakGMACs", "tier", "threads", "profile",
            ])
        #expect(json["transformerPassSeconds"]?.isNull == true && json["macs"]?["text30"]?.isNull == true)
        #expect((json["decodeSeconds"]?.doubleValue ?? 0) > 0)
        let config = try ModelConfigs(.reference).decoder
        #expect(json["macs"]?["decode"]?.intValue == NominalWork.decode(config, height: 3, width: 2))
        let operations = try #require(json["profile"]?["decode"]?.arrayValue)
        let shares = operations.compactMap { $0["share"]?.doubleValue }.reduce(0, +)
        #expect(abs(shares - 1) < 1e-9)
    }

    @Test func aThrowingListenerStopsTheRun() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) { try small().run { _, _, _ in throw Stop() } }
    }

    @Test(arguments: [(0, 64), (64, 65), (8192, 64), (-32, 64)])
    func aSizeThatCannotBeDrawnIsRefused(width: Int, height: Int) throws {
        #expect(throws: BenchmarkError.self) {
            try small { ($0.width, $0.height) = (width, height) }.run { _, _, _ in }
        }
    }
}
