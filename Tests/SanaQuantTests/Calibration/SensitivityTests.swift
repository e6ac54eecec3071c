import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

@Suite struct SensitivityTests {
    private func study(_ checkpoint: String, _ folder: TemporaryFolder) throws -> SensitivityStudy {
        var converter = Converter(tool: "test", checkpoint: checkpoint, output: folder.path("fp16.sanaq"))
        converter.policy = "fp16"
        _ = try converter.run { _, _, _ in }
        return try SensitivityStudy(
            reference: folder.path("fp16.sanaq"),
            requests: [GenerationRequest(prompt: Array("a red ring".utf8), seed: 1)],
            settings: GenerationSettings(width: 32, height: 32, binning: false, steps: 1), threads: 2
        ) { _ in }
    }

    @Test func aTransformerThatPutsOutNothingHasFiguresToo() throws {
        let checkpoint = try CheckpointCopy()
        try checkpoint.editWeights(.transformer) { file in
            for name in ["proj_out.weight", "proj_out.bias"] {
                var tensor = try #require(file.tensors[name])
                tensor.values = tensor.values.map { _ in 0 }
                file.tensors[name] = tensor
            }
        }
        let folder = try TemporaryFolder()
        let report = try study(checkpoint.path, folder).run(budget: nil)
        #expect(report.layers.allSatisfy { $0.effect.velocity.allSatisfy(\.isFinite) })
        #expect(report.layers.contains { !$0.effect.velocity.isEmpty })
        let page = String(decoding: SensitivityPage(report).bytes, as: UTF8.self)
        #expect(!page.contains("nan") && !page.contains("inf"))
    }
}
