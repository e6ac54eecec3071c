/// The bytes of a safetensors file whose header says what a test wants it to say.
func safetensors(header: String, data: Int) -> [UInt8] {
    safetensors(header: Array(header.utf8), data: (0..<data).map { UInt8(truncatingIfNeeded: $0) })
}

func safetensors(header: [UInt8], data: [UInt8]) -> [UInt8] {
    littleEndian(UInt64(header.count)) + header + data
}

/// A file of one-dimensional tensors of zeros, one after the other.
func safetensors(_ tensors: [(name: String, type: String, count: Int)]) -> [UInt8] {
    var end = 0
    let entries = tensors.map { tensor in
        let begin = end
        end += tensor.count * (tensor.type == "F32" ? 4 : 2)
        return "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":[\(tensor.count)],"
            + "\"data_offsets\":[\(begin),\(end)]}"
    }
    return safetensors(header: "{\(entries.joined(separator: ","))}", data: end)
}

func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}
