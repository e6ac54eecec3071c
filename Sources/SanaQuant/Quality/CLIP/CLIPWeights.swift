import SanaEdge
import SanaModel

/// Reads a CLIP checkpoint's tensors into the forms that `Compute` works with. Weights keep their type.
struct CLIPWeights {
    let tensors: CheckpointTensors

    /// float32 values of any tensor of the given shape.
    func vector(_ name: String, _ shape: [Int]) throws -> Buffer<Float> {
        let tensor = try tensors.tensor(name, shape: shape)
        return Buffer(RowQuantizer.widen(try read(0..<tensor.elementCount, of: tensor), as: tensor.type))
    }

    /// Some rows of a matrix (rows, columns), float32, in their order.
    func rows(_ wanted: [Int32], of name: String, rows: Int, columns: Int) throws -> [Float] {
        let tensor = try tensors.tensor(name, shape: [rows, columns])
        return try wanted.flatMap { row in
            let first = Int(row) * columns
            return RowQuantizer.widen(try read(first..<first + columns, of: tensor), as: tensor.type)
        }
    }

    /// A matrix [outputs, inputs], whatever its shape in the checkpoint.
    func weight(_ name: String, _ shape: [Int]) throws -> Weight {
        let tensor = try tensors.tensor(name, shape: shape)
        let bytes = try read(0..<tensor.elementCount, of: tensor)
        let (rows, columns) = (shape[0], shape[1...].reduce(1, *))
        return switch tensor.type {
        case .f32, .i8: Weight(rows: rows, columns: columns, f32: Buffer(bytes: bytes))
        case .f16: Weight(rows: rows, columns: columns, f16: Buffer(bytes: bytes))
        case .bf16: Weight(rows: rows, columns: columns, bf16: Buffer(bytes: bytes))
        }
    }

    /// - Throws: `QualityError.clipNotFinite`.
    private func read(_ elements: Range<Int>, of tensor: CheckpointTensor) throws -> [UInt8] {
        let bytes = try tensor.readBytes(elements: elements)
        guard ValueCheck.isFinite(bytes, tensor.type) else {
            throw QualityError.clipNotFinite(folder: tensors.folder, tensor: tensor.name)
        }
        return bytes
    }

    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws -> CLIPLinear {
        CLIPLinear(
            weight: try weight("\(name).weight", [outputs, inputs]),
            bias: try vector("\(name).bias", [outputs]), name: name)
    }

    func norm(_ name: String, _ width: Int, epsilon: Double) throws -> CLIPNorm {
        CLIPNorm(
            weight: try vector("\(name).weight", [width]), bias: try vector("\(name).bias", [width]),
            epsilon: Float(epsilon))
    }
}

/// y = x · weightᵀ + bias
struct CLIPLinear {
    let weight: Weight  // (out, in)
    let bias: Buffer<Float>?  // (out)
    /// In the checkpoint, for errors.
    let name: String
}

/// Layer normalization over the channels.
struct CLIPNorm {
    let weight: Buffer<Float>  // (channels)
    let bias: Buffer<Float>  // (channels)
    let epsilon: Float
}

extension Compute {
    func normalize(_ x: Matrix, _ norm: CLIPNorm, into y: Matrix) {
        layerNorm(
            x, epsilon: norm.epsilon, weight: norm.weight, bias: norm.bias, scale: nil, shift: nil, into: y)
    }

    func linear(_ x: Matrix, _ layer: CLIPLinear, _ output: Output, into y: Matrix) throws {
        try linear(x, layer.weight, bias: layer.bias, output, into: y, layer: layer.name)
    }
}
