import Foundation
import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// Packs of the reference model and of damaged ones, compared.
@Suite struct QualityCheckTests {
    private static let prompts = [
        "a large dotted black star below a small solid blue hexagon on a white background",
        "a small glossy blue heart below a large dotted brown moon on a pale blue background",
        "a large glossy blue circle on a lavender background",
    ].enumerated().map { QualityPrompt(text: Array($1.utf8), seed: $0) }

    private static let settings = GenerationSettings(steps: 14)
    private static let gates = QualityGates(minSimilarity: 0.999, maxScoreDrop: 1)

    private func check(
        _ candidate: PackReader, _ reference: PackReader, prompts: [QualityPrompt] = Self.prompts
    ) throws -> QualityReport {
        let compute = try CLIPGolden.compute()
        let pairs = try PackPairs(
            candidate: candidate, reference: reference, settings: Self.settings, compute: compute)
        var check = QualityCheck(
            pairs, clip: try CLIPGolden.all[0].folder(), prompts: prompts, compute: compute)
        check.gates = Self.gates
        return try check.run(record: nil, keepsRecord: false, note: { _ in }, progress: { _ in })
    }

    private static let fp16 = Result { try Conversion(CheckpointCopy.original, "fp16").converted() }

    @Test func theDefaultPolicyPassesAndAPackIsItself() throws {
        let reference = try Self.fp16.get().pack()
        let edge = try Conversion().converted()
        let report = try check(edge.pack(), reference)
        #expect(report.isPassed, "\(report.json.serialized())")
        let itself = try check(reference, reference)
        for result in itself.results {
            #expect(result.figures[.similarity] > 1 - 1e-12 && result.figures[.drop] == 0)
            #expect(result.figures[.psnr] == PSNR.most && result.figures[.ssim] > 1 - 1e-9)
        }
        #expect(report.results.map(\.prompt) == Self.prompts)
    }

    /// What a checkpoint suffers, and the pack still opens.
    enum Damage: String, CaseIterable, Sendable {
        /// A quarter of one layer's rows have scales four times too large.
        case scales
        /// Each weight of the transformer is one of 15 numbers a row.
        case fourBits

        func apply(to copy: CheckpointCopy) throws {
            try copy.editWeights(.transformer) { weights in
                switch self {
                case .scales:
                    let name = "transformer_blocks.4.attn2.to_out.0.weight"
                    var tensor = try #require(weights.tensors[name])
                    var values = tensor.values
                    let columns = tensor.shape[1]
                    for row in stride(from: 0, to: tensor.shape[0], by: 4) {
                        for index in row * columns..<(row + 1) * columns { values[index] *= 4 }
                    }
                    tensor.values = values
                    weights.tensors[name] = tensor
                case .fourBits:
                    for (name, tensor) in weights.tensors where tensor.shape.count == 2 {
                        weights.tensors[name] = tensor.rounded(levels: 7)
                    }
                }
            }
        }
    }

    @Test(arguments: Damage.allCases) func aDamagedModelFails(_ damage: Damage) throws {
        let copy = try CheckpointCopy()
        try damage.apply(to: copy)
        let report = try check(Conversion(copy.path).converted().pack(), Self.fp16.get().pack())
        let failure = try #require(throws: GateFailure.self) { try report.requirePassed() }
        let worst = try #require(report.results.worst(.similarity))
        #expect(failure.exitCode == .qualityGate)
        #expect(failure.description.contains("--min-similarity"))
        #expect(failure.description.contains(worst.prompt.quoted))
    }

    @Test func aCandidateOfOtherSizesIsRefused() throws {
        let copy = try CheckpointCopy()
        try copy.edit("transformer/config.json") { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            bytes = Array(
                text.replacingOccurrences(of: "\"sample_size\": 16", with: "\"sample_size\": 32").utf8)
        }
        let pack = try Conversion(copy.path, "fp16").converted().pack()
        let compute = try CLIPGolden.compute()
        let reference = try Self.fp16.get().pack()
        #expect(throws: QualityError.self) {
            try PackPairs(
                candidate: pack, reference: reference,
                settings: GenerationSettings(width: 400, height: 800, steps: 1), compute: compute)
        }
    }
}

extension Conversion {
    /// Runs it.
    fileprivate func converted() throws -> Conversion {
        try run()
        return self
    }
}

extension Safetensors.Tensor {
    /// Each row's numbers as multiples of its largest, with so many levels on each side of zero.
    fileprivate func rounded(levels: Float) -> Self {
        var copy = self
        var values = values
        let columns = shape[1]
        for row in 0..<shape[0] {
            let range = row * columns..<(row + 1) * columns
            let step = (values[range].map(abs).max() ?? 0) / levels
            for index in range where step > 0 { values[index] = (values[index] / step).rounded() * step }
        }
        copy.values = values
        return copy
    }
}
