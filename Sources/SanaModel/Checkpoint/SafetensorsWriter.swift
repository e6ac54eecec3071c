/// A safetensors file that is being put together in memory.
public struct SafetensorsWriter: Sendable {
    private let metadata: [(key: String, value: String)]
    private var tensors: [SafetensorsLayout.Tensor] = []
    private var data: [UInt8] = []

    /// - Parameter metadata: goes into the header, keys and values as they are.
    public init(metadata: [(key: String, value: String)] = [("format", "pt")]) {
        self.metadata = metadata
    }

    /// Adds a tensor of a name of its own.
    ///
    /// - Parameter bytes: the elements, little endian, row-major.
    public mutating func add(_ name: String, _ type: ElementType, shape: [Int], bytes: [UInt8]) {
        let tensor = SafetensorsLayout.Tensor(name, type, shape)
        precondition(bytes.count == tensor.byteCount, "\(bytes.count) bytes for \(shape)")
        tensors.append(tensor)
        data += bytes
    }

    /// Adds float32 values.
    public mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * values.count)
        for value in values {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
            }
        }
        add(name, .f32, shape: shape, bytes: bytes)
    }

    /// The file's bytes.
    public var bytes: [UInt8] { SafetensorsLayout(tensors, metadata: metadata).header + data }

    /// Writes the file, which appears under its name when it is whole; one that is there is replaced.
    public func write(to path: String) throws(OutputError) {
        let bytes = bytes
        let file = try AtomicFile(target: path, overwrite: true, expectedSize: bytes.count)
        try file.write(bytes, at: 0)
        try file.commit()
    }
}
