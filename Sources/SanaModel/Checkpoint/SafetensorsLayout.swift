/// The header of a safetensors file and where each tensor stands in it.
public struct SafetensorsLayout: Sendable {
    public struct Tensor: Sendable {
        public let name: String
        public let type: ElementType
        public let shape: [Int]

        public init(_ name: String, _ type: ElementType, _ shape: [Int]) {
            (self.name, self.type, self.shape) = (name, type, shape)
        }

        public var byteCount: Int { shape.reduce(type.byteCount, *) }
    }

    /// The length of the header, then the header.
    public let header: [UInt8]
    /// Where the tensors begin, counted from the file's start, in the order in which they were given.
    public let offsets: [Int]
    /// Bytes of the whole file.
    public let fileSize: Int

    /// - Parameters:
    ///   - tensors: Those with the widest elements should come first: then each stands at a multiple of its elements'
    ///     size, which some readers want.
    ///   - metadata: goes into the header, keys and values as they are.
    public init(_ tensors: [Tensor], metadata: [(key: String, value: String)] = [("format", "pt")]) {
        var members = JSONObject()
        for (key, value) in metadata { members[key] = .string(value) }
        var object: JSONObject = ["__metadata__": .object(members)]
        var end = 0
        var begins: [Int] = []
        for tensor in tensors {
            begins.append(end)
            end += tensor.byteCount
            object[tensor.name] = [
                "dtype": .string(tensor.type.name), "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": [.integer(end - tensor.byteCount), .integer(end)],
            ]
        }
        var text = Array(JSON.object(object).serialized().utf8)
        // Readers expect the numbers at a multiple of eight.
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        header = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
        let start = header.count
        offsets = begins.map { start + $0 }
        fileSize = start + end
    }
}
