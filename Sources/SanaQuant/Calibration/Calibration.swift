import SanaEdge
import SanaModel

/// What has been measured of the inputs of a model's layers, in a file. Numbers are read when they are needed.
public struct Calibration: Sendable {
    /// What one layer has read. Layers with the same input share it under the first one's name.
    struct Input: Sendable {
        /// The greatest magnitude of each channel.
        let absmax: [Float]
        /// The mean square of each channel.
        let moments: [Float]
        /// Some of the rows, (count, channels); none where the layer is a 3x3 convolution.
        let rows: [Float]

        var channels: Int { absmax.count }
    }

    /// How many rows of a layer's input a calibration keeps.
    static let rowLimit = 128

    let path: String
    /// The name of the model that was run.
    public let modelName: String
    /// What told the weights of that model apart, `Manifest.weightsHash`.
    let weightsHash: String
    /// What the model gave, to hold a conversion against.
    let pictures: [RecordedPicture]
    private let tensors: [String: CheckpointTensor]

    /// Opens a calibration that was measured on a model of the same architecture.
    ///
    /// - Throws: `FileError`, `JSONError`, `SafetensorsError`, `CalibrationError`.
    public init(path: String, of configs: ModelConfigs) throws {
        let file = try SafetensorsFile(path: path)
        func metadata(_ key: CalibrationKey) -> String? { file.metadata[ByteString(key.rawValue)]?.string }
        guard metadata(.format) == CalibrationKey.formatName else {
            throw CalibrationError.notCalibration(file: path)
        }
        modelName = metadata(.model) ?? ""
        guard metadata(.architecture) == configs.fingerprint else {
            throw CalibrationError.otherArchitecture(file: path, model: modelName)
        }
        self.path = path
        weightsHash = metadata(.weights) ?? ""
        let layers = configs.calibratedInputs
        var tensors: [String: CheckpointTensor] = [:]
        var recorded: [String: CheckpointTensor] = [:]
        for entry in file.entries {
            let name = entry.name.string
            let tensor = try file.tensor(entry)
            if name.hasPrefix(RecordedPicture.prefix) {
                recorded[name] = tensor
                continue
            }
            guard let (layer, part) = Self.split(name), let channels = layers[layer] else {
                throw CalibrationError.unexpected(file: path, tensor: name)
            }
            let isRows = part == .rows
            let count = isRows ? tensor.shape.first ?? 0 : 1
            guard tensor.type == (isRows ? .bf16 : .f32), (1...Self.rowLimit).contains(count),
                tensor.shape == (isRows ? [count, channels] : [channels])
            else {
                throw CalibrationError.shape(
                    file: path, tensor: name, found: "\(tensor.type.name) \(tensor.shape)",
                    expected: isRows ? "BF16 [1...\(Self.rowLimit), \(channels)]" : "F32 [\(channels)]")
            }
            tensors[name] = tensor
        }
        self.tensors = tensors
        pictures = try RecordedPicture.list(recorded, configs, file: path)
    }

    /// What the layer has read; nil where the run did not pass through it.
    func input(_ layer: String) throws -> Input? {
        guard let absmax = tensors["\(layer).\(CalibrationPart.absmax.rawValue)"],
            let moments = tensors["\(layer).\(CalibrationPart.moments.rawValue)"]
        else { return nil }
        let rows = tensors["\(layer).\(CalibrationPart.rows.rawValue)"]
        return Input(
            absmax: try values(absmax, isMagnitude: true), moments: try values(moments, isMagnitude: true),
            rows: try rows.map { try values($0, isMagnitude: false) } ?? [])
    }

    private func values(_ tensor: CheckpointTensor, isMagnitude: Bool) throws -> [Float] {
        let bytes = try tensor.readBytes(elements: 0..<tensor.elementCount)
        let values = RowQuantizer.widen(bytes, as: tensor.type)
        guard values.allSatisfy({ $0.isFinite && (!isMagnitude || $0 >= 0) }) else {
            throw CalibrationError.values(file: path, tensor: tensor.name)
        }
        return values
    }

    private static func split(_ name: String) -> (layer: String, part: CalibrationPart)? {
        guard let dot = name.lastIndex(of: "."),
            let part = CalibrationPart(rawValue: String(name[name.index(after: dot)...]))
        else { return nil }
        return (String(name[..<dot]), part)
    }
}

/// The tensors of one layer in a calibration's file, each named by the layer, a dot and this.
enum CalibrationPart: String {
    case absmax
    case moments
    case rows
}

/// The file's metadata.
enum CalibrationKey: String {
    case format
    case tool
    case model
    /// `ModelConfigs.fingerprint`.
    case architecture
    /// `Manifest.weightsHash`.
    case weights
    /// XXH64 of the prompts, with their seeds.
    case prompts
    case settings

    static let formatName = "sana-quant calibration 2"
}
