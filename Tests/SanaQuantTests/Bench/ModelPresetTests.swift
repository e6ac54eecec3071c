import SanaModel
import SanaQuant
import Testing

@Suite struct ModelPresetTests {
    /// Tensors and parameters of the published transformers.
    @Test(arguments: [
        (ModelPreset.sana06B, 548, 591_747_872), (.sprint06B, 664, 593_501_216),
        (.sana16B, 396, 1_604_462_752), (.sana15With16B, 476, 1_604_641_952),
        (.sprint16B, 480, 1_610_237_472), (.sana15With48B, 1396, 4_721_825_952),
    ])
    func aTransformerHasThePublishedTensors(preset: ModelPreset, tensors: Int, parameters: Int) throws {
        let specs = try ModelConfigs(preset).transformer.tensors
        #expect(specs.count == tensors)
        #expect(specs.reduce(0) { $0 + $1.shape.reduce(1, *) } == parameters)
    }

    @Test(
        arguments: [
            (ModelPreset.sana06B512, 512, 3.0, nil), (.sana16B512, 512, 3, nil), (.sana06B, 1024, 3, nil),
            (.sana06B2K, 2048, 3, 1), (.sana16B2K, 2048, 3, 1), (.sana06B4K, 4096, 6, 2),
            (.sana16B4K, 4096, 6, 2),
        ] as [(ModelPreset, Int, Double, Double?)])
    func aSizeHasItsShiftAndPositions(preset: ModelPreset, side: Int, shift: Double, positions: Double?)
        throws
    {
        let configs = try ModelConfigs(preset)
        #expect(configs.trainedSize == side && configs.transformer.interpolationScale == positions)
        guard case .flowSolver(let scheduler) = configs.scheduler else {
            Issue.record("another scheduler")
            return
        }
        #expect(scheduler.flowShift == shift)
        #expect(!configs.isFewStep && configs.transformer.guidanceScale == nil)
    }

    @Test(arguments: [ModelPreset.sprint06B, .sprint16B]) func sprintTakesFewSteps(preset: ModelPreset) throws
    {
        let configs = try ModelConfigs(preset)
        #expect(configs.isFewStep && configs.transformer.guidanceScale == 0.1 && configs.transformer.qkNorm)
        // One element a pass, and the guidance's embedding.
        let work = NominalWork.transformerPass(configs.transformer, height: 32, width: 32)
        let width = configs.transformer.width
        let plain = try ModelConfigs(preset == .sprint06B ? .sana06B : .sana16B).transformer
        #expect(work == NominalWork.transformerPass(plain, height: 32, width: 32) / 2 + (256 + width) * width)
    }
}
