import SanaEdge
import SanaModel
import SanaQuant
import TestSupport

/// A calibration's file in memory, for tests to change.
struct CalibrationFile: Sendable {
    var tensors: [String: Safetensors.Tensor]
    var metadata: [String: String]

    init(path: String) throws {
        tensors = try Safetensors(readWholeFile(path, limit: 1 << 30)).tensors
        metadata = Dictionary(
            uniqueKeysWithValues: try SafetensorsFile(path: path).metadata.map {
                ($0.key.string, $0.value.string)
            })
    }

    func write(to path: String) throws {
        var writer = SafetensorsWriter(
            metadata: metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            writer.add(
                name, tensor.type == "F32" ? .f32 : .bf16, shape: tensor.shape, bytes: tensor.bytes)
        }
        try writer.write(to: path)
    }

    /// Takes the numbers of other channels for those of a component's layers.
    mutating func turnChannels(of component: Component) {
        for (name, tensor) in tensors where name.hasPrefix("\(component.rawValue).") {
            let channels = tensor.shape[tensor.shape.count - 1]
            let values = tensor.values
            tensors[name]?.values = values.indices.map { index in
                let row = index - index % channels
                return values[row + (index - row + channels / 2 + 1) % channels]
            }
        }
    }

    /// What the reference model's 16-bit pack gives.
    static let reference = Result {
        let study = try Study(CheckpointCopy.original, prompts: 1)
        try study.convert("fp16", policy: "fp16")
        return try CalibrationFile(path: study.calibrate(prompts: 2))
    }
}
