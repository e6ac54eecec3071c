import SanaEdge
import SanaModel

/// A chunk of a tensor, ready to be written.
struct ConvertedChunk: Sendable {
    let encoded: EncodedChunk
    /// One for each row of a quantized tensor, otherwise none.
    let scales: [Float]
    /// One for each row whose stored values may differ from the checkpoint's, otherwise none.
    let powers: [RowPower]
}

/// The arithmetic of a conversion, chunk by chunk. Threads may call it at the same time.
enum ChunkConverter {
    /// Reads the rows of one chunk from the checkpoint, brings them into the pack's layout and type, compresses them.
    static func convert(_ tensor: TensorPlan, chunk: Int) throws -> ConvertedChunk {
        let rows = tensor.rows(ofChunk: chunk)
        let values = try read(tensor, rows)
        switch tensor.elementType {
        case .i8:
            return try quantize(values, tensor, rows)
        case .f16:
            let narrow = RowQuantizer.narrowToF16(values)
            let encoded = try ChunkCodec.encode(littleEndianBytes(narrow), elementType: .f16)
            guard tensor.source.type != .f16 else {
                return ConvertedChunk(encoded: encoded, scales: [], powers: [])
            }
            let stored = RowQuantizer.widen(littleEndianBytes(narrow), as: .f16)
            return ConvertedChunk(
                encoded: encoded, scales: [],
                powers: rowPowers(values, stored: stored, columns: tensor.columns))
        case .bf16:
            // Only ever from bf16: the lower half is zero.
            let narrow = values.map { UInt16($0.bitPattern >> 16) }
            let encoded = try ChunkCodec.encode(littleEndianBytes(narrow), elementType: .bf16)
            return ConvertedChunk(encoded: encoded, scales: [], powers: [])
        case .f32:
            let bytes = littleEndianBytes(values.map(\.bitPattern))
            return ConvertedChunk(
                encoded: try ChunkCodec.encode(bytes, elementType: .f32), scales: [], powers: [])
        }
    }

    /// The values of some rows of the pack, (rows, columns).
    private static func read(_ tensor: TensorPlan, _ rows: Range<Int>) throws -> [Float] {
        var values: [Float] = []
        for run in tensor.layout.runs(rows) {
            let columns = tensor.sourceColumns
            let elements = run.source.lowerBound * columns..<run.source.upperBound * columns
            let part = RowQuantizer.widen(
                try tensor.source.readBytes(elements: elements), as: tensor.source.type)
            if let index = part.firstIndex(where: { !$0.isFinite }) {
                throw ConversionError.notFinite(
                    tensor: tensor.spec.packName, row: run.source.lowerBound + index / columns)
            }
            let arranged = tensor.layout.arrange(part, run)
            if values.isEmpty { values = arranged } else { values += arranged }
        }
        return values
    }

    private static func quantize(
        _ values: [Float], _ tensor: TensorPlan, _ rows: Range<Int>
    ) throws -> ConvertedChunk {
        var quantized: [Int8] = []
        var scales: [Float] = []
        let isFinite = RowQuantizer.quantize(
            values, rows: rows.count, columns: tensor.columns, into: &quantized, scales: &scales)
        // Values are finite by now, but sums of folded taps may not be, and scales have a limit.
        guard isFinite, let largest = scales.max(), largest < scaleLimit else {
            throw ConversionError.tooLarge(
                tensor: tensor.spec.packName,
                row: rows.lowerBound + (scales.firstIndex { !($0 < scaleLimit) } ?? 0))
        }
        let encoded = try ChunkCodec.encode(quantized.map(UInt8.init(bitPattern:)), elementType: .i8)
        var stored = [Float](repeating: 0, count: values.count)
        for (row, scale) in scales.enumerated() {
            for index in row * tensor.columns..<(row + 1) * tensor.columns {
                stored[index] = scale * Float(quantized[index])
            }
        }
        return ConvertedChunk(
            encoded: encoded, scales: scales,
            powers: rowPowers(values, stored: stored, columns: tensor.columns))
    }

    /// Scales of weights are far below; packs refuse larger ones.
    private static let scaleLimit: Float = 1e4
}

private func littleEndianBytes<Element: FixedWidthInteger>(_ elements: [Element]) -> [UInt8] {
    unsafe elements.withUnsafeBytes { unsafe Array($0) }
}
