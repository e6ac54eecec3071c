import SanaEdge
import SanaModel
import SanaQuant
import Testing

@Suite struct RandomTensorTests {
    private let weight = TensorSpec(.transformer, "a.weight", [64, 256], .linear)

    @Test(arguments: [ElementType.f32, .f16, .bf16])
    func anyPartIsThatPartOfTheWhole(type: ElementType) {
        let tensor = RandomTensor(weight, type: type, index: 3)
        let whole = tensor.readBytes(elements: 0..<tensor.elementCount)
        #expect(whole.count == 64 * 256 * type.byteCount)
        let part = tensor.readBytes(elements: 1000..<1300)
        #expect(part == Array(whole[1000 * type.byteCount..<1300 * type.byteCount]))
    }

    @Test func tensorsDiffer() {
        let first = RandomTensor(weight, type: .f32, index: 1).readBytes(elements: 0..<256)
        let second = RandomTensor(weight, type: .f32, index: 2).readBytes(elements: 0..<256)
        #expect(first != second)
    }

    /// So that activations neither vanish nor overflow.
    @Test func aRowOfAWeightHasLengthOne() {
        let tensor = RandomTensor(weight, type: .f32, index: 1)
        let values = RowQuantizer.widen(tensor.readBytes(elements: 0..<64 * 256), as: .f32)
        let power = values.reduce(0) { $0 + $1 * $1 } / 64
        let mean = values.reduce(0, +) / Float(values.count)
        #expect(abs(power - 1) < 0.05 && abs(mean) < 0.002)
    }

    @Test func normalizationWeightsAreNearOneAndBiasesNearZero() {
        let means = [("caption_norm.weight", Float(1)), ("proj_out.bias", 0)]
        for (name, mean) in means {
            let tensor = RandomTensor(TensorSpec(.transformer, name, [512], .vector), type: .f32, index: 1)
            let values = RowQuantizer.widen(tensor.readBytes(elements: 0..<512), as: .f32)
            #expect(values.allSatisfy { abs($0 - mean) < 0.2 })
        }
    }
}
