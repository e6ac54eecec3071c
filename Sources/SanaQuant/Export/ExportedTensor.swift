import SanaModel

/// One tensor of an exported transformer and the pack's tensor that it is.
struct ExportedTensor {
    let source: PackTensor
    let tensor: SafetensorsLayout.Tensor

    /// The tensors of a file, those with the widest elements first.
    ///
    /// Quantized weights are `[out, in]`, and their scales `weight_scale` are `[out, 1]`; all others have the
    /// checkpoint's shape.
    static func list(_ pack: PackReader) throws -> [ExportedTensor] {
        var list: [ExportedTensor] = []
        for spec in pack.configs.transformer.tensors {
            let source = try pack.requiredTensor(spec.packName)
            let shape = source.scheme.isQuantized ? source.shape : spec.shape
            list.append(ExportedTensor(source: source, tensor: .init(spec.name, source.elementType, shape)))
            guard source.scheme.isQuantized else { continue }
            let scales = try pack.scales(of: source)
            list.append(
                ExportedTensor(
                    source: scales,
                    tensor: .init("\(spec.name)_scale", scales.elementType, [scales.rows, 1])))
        }
        let order = list.indices.sorted {
            let (left, right) = (list[$0].source.elementType.byteCount, list[$1].source.elementType.byteCount)
            return (-left, $0) < (-right, $1)
        }
        return order.map { list[$0] }
    }
}
