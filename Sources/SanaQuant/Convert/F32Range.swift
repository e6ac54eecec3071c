import SanaEdge
import SanaModel
import Synchronization

/// Whether F32 tensors fit F16, which only their values tell.
enum F32Range {
    private static let greatestF16: Float = 65504
    /// What rounding may take of a tensor's power: -60 dB, where it takes less than -66 of numbers that F16 has all its
    /// digits for. Tiny ones have fewer, and the tiniest none.
    private static let greatestNoise = 1e-6
    /// Elements that are read at a time.
    private static let blockSize = 1 << 20

    /// For each tensor, whether every finite value stays finite as F16, and rounding takes no more than
    /// `greatestNoise`.
    ///
    /// `progress` takes the bytes that are done and the bytes of all tensors, and may throw to stop.
    static func fitF16(
        _ tensors: [CheckpointTensor], on compute: Compute,
        progress: @escaping @Sendable (Int, Int) throws -> Void
    ) throws -> [Bool] {
        let progress = ByteProgress(total: tensors.reduce(0) { $0 + $1.byteRange.count }, progress)
        let results = Mutex<[Bool]>([])
        try OrderedBatches(compute: compute).run(count: tensors.count) { index in
            try fitsF16(tensors[index], progress)
        } consume: { fits in
            results.withLock { $0.append(fits) }
        }
        return results.withLock { $0 }
    }

    private static func fitsF16(_ tensor: CheckpointTensor, _ progress: ByteProgress) throws -> Bool {
        var fits = true
        var (signal, noise) = (0.0, 0.0)
        for start in stride(from: 0, to: tensor.elementCount, by: blockSize) {
            let elements = start..<min(start + blockSize, tensor.elementCount)
            let bytes = try tensor.readBytes(elements: elements)
            let values = RowQuantizer.widen(bytes, as: .f32)
            // What is not finite is an error of its own, when the tensor is converted.
            fits = fits && values.allSatisfy { $0.magnitude <= greatestF16 || !$0.isFinite }
            let stored = RowQuantizer.widen(
                littleEndianBytes(RowQuantizer.narrowToF16(values)), as: .f16)
            for power in rowPowers(values, stored: stored, columns: values.count) {
                signal += power.signal
                noise += power.noise
            }
            try progress.add(bytes.count)
        }
        return fits && !(noise > greatestNoise * signal)
    }
}
