import SanaModel

/// Where a tensor's values come from: a checkpoint's file, or a generator of random ones.
package protocol TensorSource: Sendable {
    /// F32, F16 or BF16.
    var type: ElementType { get }
    var elementCount: Int { get }
    /// The bytes of some elements, little endian, counted row by row. Threads may call it at the same time.
    func readBytes(elements: Range<Int>) throws -> [UInt8]
}

extension TensorSource {
    package var byteCount: Int { elementCount * type.byteCount }
}

extension CheckpointTensor: TensorSource {}
