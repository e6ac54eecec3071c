import SanaEdge
import SanaModel
import Synchronization

/// Whether F32 tensors fit F16, which only their values tell.
enum F32Range {
    private static let greatestF16: Float = 65504
    private static let blockSize = 1 << 20

    /// For each tensor, whether every finite value stays finite as F16; true for none and for other types.
    static func fitF16(_ tensors: [CheckpointTensor?], on compute: Compute) throws -> [Bool] {
        let results = Mutex<[Int: Result<Bool, any Error>]>([:])
        compute.parallel(tensors.count) { index in
            let result = Result { try tensors[index].map(fitsF16) ?? true }
            results.withLock { $0[index] = result }
        }
        return try results.withLock { results in
            try results.sorted { $0.key < $1.key }.map { try $1.get() }
        }
    }

    private static func fitsF16(_ tensor: CheckpointTensor) throws -> Bool {
        guard tensor.type == .f32 else { return true }
        for start in stride(from: 0, to: tensor.elementCount, by: blockSize) {
            let elements = start..<min(start + blockSize, tensor.elementCount)
            let values = RowQuantizer.widen(try tensor.readBytes(elements: elements), as: .f32)
            guard values.allSatisfy({ $0.magnitude <= greatestF16 || !$0.isFinite }) else { return false }
        }
        return true
    }
}
