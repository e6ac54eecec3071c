import Foundation
import SanaModel
import TestSupport

/// A copy of the reference model whose files a test may change. Files that nobody changes are links.
struct CheckpointCopy {
    static let original = Fixtures.referenceModel

    let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        let manager = FileManager.default
        for name in ["transformer", "text_encoder", "vae", "scheduler", "tokenizer"] {
            try manager.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
            for file in try manager.contentsOfDirectory(atPath: "\(Self.original)/\(name)") {
                try manager.createSymbolicLink(
                    atPath: folder.path("\(name)/\(file)"),
                    withDestinationPath: "\(Self.original)/\(name)/\(file)")
            }
        }
        try manager.createSymbolicLink(
            atPath: folder.path("model_index.json"), withDestinationPath: "\(Self.original)/model_index.json")
    }

    /// Replaces a file by what `change` makes of its bytes.
    func edit(_ name: String, _ change: (inout [UInt8]) throws -> Void) throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder.path(name))))
        try change(&bytes)
        try FileManager.default.removeItem(atPath: folder.path(name))
        _ = try folder.write(bytes, to: name)
    }

    /// Replaces a JSON file by what `change` makes of it.
    func editJSON(_ name: String, _ change: (inout JSONObject) -> Void) throws {
        try edit(name) { bytes in
            var object = try JSON.parse(bytes, name: name).objectValue ?? JSONObject()
            change(&object)
            bytes = Array(JSON.object(object).serialized(pretty: true).utf8)
        }
    }

    static func weights(_ component: Component) -> String {
        component == .textEncoder
            ? "text_encoder/model.safetensors"
            : "\(component.rawValue)/diffusion_pytorch_model.safetensors"
    }

    /// Replaces a component's weights by what `change` makes of them.
    func editWeights(_ component: Component, _ change: (inout Safetensors) throws -> Void) throws {
        try edit(Self.weights(component)) { bytes in
            var tensors = try Safetensors(bytes)
            try change(&tensors)
            bytes = tensors.encoded()
        }
    }
}

/// A safetensors file in memory, for tests to take apart and put together, right or wrong.
struct Safetensors {
    struct Tensor {
        var type: String
        var shape: [Int]
        var bytes: [UInt8]
    }

    var tensors: [String: Tensor] = [:]

    init() {}

    init(_ file: [UInt8]) throws {
        let size = file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSON.parse(Array(file[8..<8 + size]), name: "header")
        for member in header.objectValue?.members ?? [] where member.key != "__metadata__" {
            guard let offsets = member.value["data_offsets"]?.arrayValue?.compactMap(\.intValue),
                let shape = member.value["shape"]?.arrayValue?.compactMap(\.intValue),
                let type = member.value["dtype"]?.stringValue
            else { continue }
            let bytes = Array(file[8 + size + offsets[0]..<8 + size + offsets[1]])
            tensors[member.key.string] = Tensor(type: type, shape: shape, bytes: bytes)
        }
    }

    func encoded() -> [UInt8] {
        var header = JSONObject()
        var data: [UInt8] = []
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            header[name] = [
                "dtype": .string(tensor.type), "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": [.integer(data.count), .integer(data.count + tensor.bytes.count)],
            ]
            data += tensor.bytes
        }
        let text = Array(JSON.object(header).serialized(pretty: false).utf8)
        return (0..<8).map { UInt8(text.count >> (8 * $0) & 0xFF) } + text + data
    }
}

extension Safetensors.Tensor {
    /// The values of an F16, BF16 or F32 tensor.
    var values: [Float] {
        get {
            switch type {
            case "F16": words(2).map { Float(Float16(bitPattern: UInt16($0))) }
            case "BF16": words(2).map { Float(bitPattern: $0 << 16) }
            default: words(4).map { Float(bitPattern: $0) }
            }
        }
        set {
            switch type {
            case "F16": setWords(newValue.map { UInt32(Float16($0).bitPattern) }, 2)
            case "BF16": setWords(newValue.map { $0.bitPattern >> 16 }, 2)
            default: setWords(newValue.map(\.bitPattern), 4)
            }
        }
    }

    /// The same values, as far as the type holds them, in another type.
    func converted(to type: String) -> Self {
        var copy = self
        copy.type = type
        copy.values = values
        return copy
    }

    private func words(_ size: Int) -> [UInt32] {
        stride(from: 0, to: bytes.count, by: size).map { start in
            (0..<size).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
        }
    }

    private mutating func setWords(_ words: [UInt32], _ size: Int) {
        bytes = words.flatMap { word in (0..<size).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
        }
    }
}
