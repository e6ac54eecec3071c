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
    /// Values that are worked on at a time, unless one row has more: few enough for a cache near the processor.
    private static let blockSize = 1 << 15

    /// Reads the rows of one chunk from the checkpoint, brings them into the pack's layout and type, and compresses
    /// them.
    static func convert(_ tensor: TensorPlan, chunk: Int) throws -> ConvertedChunk {
        let rows = tensor.rows(ofChunk: chunk)
        var stored = StoredRows(capacity: rows.count * tensor.columns * tensor.elementType.byteCount)
        let step = max(1, blockSize / tensor.columns)
        let downs = try tensor.updates.map { try $0.readDown() }
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
            let block = first..<min(first + step, rows.upperBound)
            var values = try read(tensor, block, downs)
            tensor.adjustment?.apply(to: &values, first: block.lowerBound, columns: tensor.columns)
            switch tensor.elementType {
            case .i8: try appendQuantized(values, block, tensor, to: &stored)
            case .f16: try appendF16(values, block, tensor, to: &stored)
            case .bf16: try appendBF16(values, block, tensor, to: &stored)
            case .f32: stored.append(values.map(\.bitPattern))
            }
        }
        let encoded = try ChunkCodec.encode(stored.bytes, elementType: tensor.elementType)
        return ConvertedChunk(encoded: encoded, scales: stored.scales, powers: stored.powers)
    }

    /// The values of some rows of the pack, (rows, columns).
    ///
    /// - Parameter downs: of the tensor's updates, their factors that every row needs.
    private static func read(_ tensor: TensorPlan, _ rows: Range<Int>, _ downs: [[Float]]) throws -> [Float] {
        let columns = tensor.sourceColumns
        var values: [Float] = []
        for run in tensor.layout.runs(rows) {
            let elements = run.source.lowerBound * columns..<run.source.upperBound * columns
            var part = RowQuantizer.widen(
                try tensor.source.readBytes(elements: elements), as: tensor.source.type)
            if let index = firstNonFinite(part) {
                throw ConversionError.notFinite(
                    tensor: tensor.spec.packName, row: run.source.lowerBound + index / columns)
            }
            for (update, down) in zip(tensor.updates, downs) {
                try update.add(to: &part, rows: run.source, columns: columns, down: down)
            }
            if !downs.isEmpty, let index = firstNonFinite(part) {
                throw AdapterError.notFinite(
                    tensor: tensor.spec.packName, row: run.source.lowerBound + index / columns)
            }
            values += tensor.layout.arrange(part, run)
        }
        return values
    }

    private static func appendQuantized(
        _ values: [Float], _ rows: Range<Int>, _ tensor: TensorPlan, to stored: inout StoredRows
    ) throws {
        let columns = tensor.columns
        var quantized: [Int8] = []
        var scales: [Float] = []
        let isFinite = RowQuantizer.quantize(
            values, rows: rows.count, columns: columns, into: &quantized, scales: &scales)
        if let importance = tensor.adjustment?.importance, isFinite {
            scales = RowQuantizer.leastErrorScales(
                values, rows: rows.count, columns: columns, importance: importance)
            quantized = RowQuantizer.quantize(values, columns: columns, scales: scales)
        }
        // The checkpoint's values are finite, but sums of folded taps may not be.
        let tooLarge =
            isFinite
            ? scales.firstIndex { !($0 < ValueCheck.scaleLimit) } : (firstNonFinite(values) ?? 0) / columns
        if let row = tooLarge {
            throw ConversionError.tooLarge(tensor: tensor.spec.packName, row: rows.lowerBound + row)
        }
        var restored = [Float](repeating: 0, count: values.count)
        for (row, scale) in scales.enumerated() {
            for index in row * columns..<(row + 1) * columns {
                restored[index] = scale * Float(quantized[index])
            }
        }
        stored.append(quantized)
        stored.scales += scales
        stored.powers += rowPowers(values, stored: restored, columns: columns)
    }

    private static func appendF16(
        _ values: [Float], _ rows: Range<Int>, _ tensor: TensorPlan, to stored: inout StoredRows
    ) throws {
        let narrow = RowQuantizer.narrowToF16(values)
        stored.append(narrow)
        guard tensor.source.type != .f16 || !tensor.updates.isEmpty else { return }
        try appendPowers(values, narrow, as: .f16, rows, tensor, to: &stored)
    }

    /// Only ever from bf16, so that the lower half is zero unless adapters were added.
    private static func appendBF16(
        _ values: [Float], _ rows: Range<Int>, _ tensor: TensorPlan, to stored: inout StoredRows
    ) throws {
        let narrow = values.map { value in
            // Half to even.
            UInt16((value.bitPattern &+ 0x7FFF &+ (value.bitPattern >> 16 & 1)) >> 16)
        }
        stored.append(narrow)
        guard !tensor.updates.isEmpty else { return }
        try appendPowers(values, narrow, as: .bf16, rows, tensor, to: &stored)
    }

    private static func appendPowers(
        _ values: [Float], _ narrow: [UInt16], as type: ElementType, _ rows: Range<Int>, _ tensor: TensorPlan,
        to stored: inout StoredRows
    ) throws {
        let restored = RowQuantizer.widen(littleEndianBytes(narrow), as: type)
        if !tensor.updates.isEmpty, let index = firstNonFinite(restored) {
            throw AdapterError.range(
                tensor: tensor.spec.packName, row: rows.lowerBound + index / tensor.columns)
        }
        stored.powers += rowPowers(values, stored: restored, columns: tensor.columns)
    }
}

/// Where NaN or infinity stands first.
///
/// A pass without branches comes first: exponents of ones alone, and only these, carry into the sign.
private func firstNonFinite(_ values: [Float]) -> Int? {
    var overflow: UInt32 = 0
    for value in values { overflow |= value.magnitude.bitPattern &+ 0x0080_0000 }
    return overflow >> 31 == 0 ? nil : values.firstIndex { !$0.isFinite }
}

/// Rows as a pack holds them.
private struct StoredRows {
    var bytes: [UInt8] = []
    var scales: [Float] = []
    var powers: [RowPower] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func append(_ elements: [some FixedWidthInteger]) {
        bytes += littleEndianBytes(elements)
    }
}

/// The elements' memory, which is little endian on every machine that this project runs on.
func littleEndianBytes(_ elements: [some FixedWidthInteger]) -> [UInt8] {
    unsafe elements.withUnsafeBytes { unsafe Array($0) }
}
