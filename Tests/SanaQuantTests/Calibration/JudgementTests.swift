import SanaModel
import SanaQuant
import TestSupport
import Testing

/// A calibration is taken component by component, and only where it does good.
@Suite struct JudgementTests {
    private let study: Study

    init() throws {
        study = try Study(CheckpointCopy.original, prompts: 2)
    }

    /// Converts with a calibration whose channels were turned in some components.
    private func convert(turning components: [Component]) throws -> CalibrationReport {
        var file = try CalibrationFile.reference.get()
        for component in components { file.turnChannels(of: component) }
        try file.write(to: study.folder.path("c.safetensors"))
        let report = try study.convert(
            "calibrated", policy: "edge", calibration: study.folder.path("c.safetensors"))
        return try #require(report.calibration)
    }

    @Test func aGoodCalibrationIsKept() throws {
        let report = try convert(turning: [])
        #expect(report.verdicts.map(\.component) == Component.allCases)
        #expect(report.verdicts.allSatisfy(\.isKept) && report.notes.isEmpty)
        for verdict in report.verdicts {
            #expect(verdict.calibratedDecibels > verdict.plainDecibels, "\(verdict)")
            #expect((30...80).contains(verdict.plainDecibels), "\(verdict)")
        }
    }

    @Test func aCalibrationThatHurtsGivesThePlainPack() throws {
        let report = try convert(turning: Component.allCases)
        #expect(report.verdicts.map(\.isKept) == [false, false, false])
        #expect(report.notes.count == 3)
        for (component, note) in zip(Component.allCases, report.notes) {
            #expect(note.hasPrefix("The \(component.title) keeps plain scales, because"), "\(note)")
        }
        try study.convert("plain", policy: "edge")
        #expect(try study.bytes("calibrated") == study.bytes("plain"))
        #expect(try study.folder.names == ["c.safetensors", "calibrated.sanaq", "plain.sanaq"])
    }

    @Test(arguments: Component.allCases) func oneComponentCanBeTurnedDown(component: Component) throws {
        let report = try convert(turning: [component])
        #expect(report.verdicts.map(\.isKept) == Component.allCases.map { $0 != component })
        let pack = try PackReader(path: study.folder.path("calibrated.sanaq"))
        #expect(pack.manifest.isCalibrated)
        #expect(pack.manifest.inputFactors.isEmpty == (component == .transformer))
        try study.convert("plain", policy: "edge")
        let plain = try PackReader(path: study.folder.path("plain.sanaq"))
        for tensor in plain.tensors where tensor.name.hasPrefix("\(component.rawValue).") {
            let other = try pack.requiredTensor(tensor.name)
            #expect(try pack.values(other) == plain.values(tensor), "\(tensor.name)")
        }
    }

    @Test func aCalibrationOfOtherWeightsIsNotTaken() throws {
        let hard = try HardModel()
        let other = try Study(hard.path, prompts: 1)
        try other.convert("fp16", policy: "fp16")
        let report = try study.convert("calibrated", policy: "edge", calibration: other.calibrate(prompts: 1))
        #expect(report.calibration?.isOfOtherWeights == true && report.calibration?.verdicts == [])
        let note = try #require(report.calibration?.notes.first)
        #expect(note.contains("other weights") && note.contains("--policy fp16"))
        try study.convert("plain", policy: "edge")
        #expect(try study.bytes("calibrated") == study.bytes("plain"))
        withExtendedLifetime(hard) {}
    }

    // MARK: Adapters

    private static let adapters = ["\(Fixtures.path("adapters/diffusers")):0.5"]

    /// One picture differs by some 3 dB by chance, so there are many, and small ones.
    @Test func aMergedModelIsCalibratedByItsOwnPack() throws {
        let adapters = Self.adapters
        let study = try Study(CheckpointCopy.original, prompts: 24)
        try study.convert("fp16", policy: "fp16", adapters: adapters)
        let calibration = try study.calibrate()
        try study.convert("plain", policy: "edge", adapters: adapters)
        let report = try study.convert(
            "calibrated", policy: "edge", calibration: calibration, adapters: adapters)
        #expect(report.calibration?.verdicts.map(\.isKept) == [true, true, true])
        #expect(report.tensors.contains { $0.calibration?.alpha != nil })
        let reference = try study.pictures("fp16", side: 256)
        let (plain, calibrated) = (
            meanPSNR(try study.pictures("plain", side: 256), reference),
            meanPSNR(try study.pictures("calibrated", side: 256), reference)
        )
        #expect(calibrated > plain - 1, "plain \(plain) dB, calibrated \(calibrated) dB")
        #expect(calibrated > 30)
    }

    @Test func aCalibrationWithoutTheAdapterIsNotTaken() throws {
        try CalibrationFile.reference.get().write(to: study.folder.path("c.safetensors"))
        let report = try study.convert(
            "calibrated", policy: "edge", calibration: study.folder.path("c.safetensors"),
            adapters: Self.adapters)
        #expect(report.calibration?.isOfOtherWeights == true)
        try study.convert("plain", policy: "edge", adapters: Self.adapters)
        #expect(try study.bytes("calibrated") == study.bytes("plain"))
    }
}
