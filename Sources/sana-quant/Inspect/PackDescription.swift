import SanaModel

/// What a pack holds.
struct PackDescription {
    /// Some tensors together.
    struct Sum {
        var tensors = 0
        var parameters = 0
        /// In memory.
        var bytes = 0
        /// In the file.
        var storedBytes = 0
    }

    let pack: PackReader
    let instruction: String?
    let licence: String?

    init(_ pack: PackReader) throws {
        self.pack = pack
        instruction = try pack.blob(.instruction).map { String(decoding: $0, as: UTF8.self) }
        licence = try pack.blob(.licence).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Without the scales, which are told together with the tensor that they belong to.
    var tensors: [PackTensor] { pack.tensors.filter { !$0.isScale } }

    /// Bytes of a tensor and its scales in memory and in the file.
    func size(_ tensor: PackTensor) -> (bytes: Int, stored: Int) {
        let scales = tensor.scaleIndex.map { pack.tensors[$0] }
        return (
            tensor.byteCount + (scales?.byteCount ?? 0),
            tensor.storedByteCount + (scales?.storedByteCount ?? 0)
        )
    }

    func sum(_ component: Component, _ scheme: Scheme? = nil) -> Sum {
        var sum = Sum()
        for tensor in tensors
        where tensor.name.hasPrefix("\(component.rawValue).") && (scheme ?? tensor.scheme) == tensor.scheme {
            let size = size(tensor)
            sum.tensors += 1
            sum.parameters += tensor.shape.reduce(1, *)
            sum.bytes += size.bytes
            sum.storedBytes += size.stored
        }
        return sum
    }
}
