import SanaEdge
import SanaModel

/// One tensor's way from its source, a checkpoint as a rule, into the pack.
struct TensorPlan: Sendable {
    let spec: TensorSpec
    let scheme: Scheme
    let reason: String?
    let source: any TensorSource
    /// In the pack.
    let elementType: ElementType
    let layout: WeightLayout
    /// What adapters add to the source's values, in this order.
    let updates: [LowRankUpdate]
    /// What a calibration changes; nil without one.
    var adjustment: WeightAdjustment?

    /// - Parameter fitsF16: whether the values of an F32 tensor fit F16.
    init(
        _ assignment: Assignment, _ source: any TensorSource, fitsF16: Bool, updates: [LowRankUpdate] = []
    ) {
        let (type, scheme): (ElementType, Scheme) =
            switch (assignment.scheme, source.type) {
            case (.w8a8, _), (.w8, _): (.i8, assignment.scheme)
            case (.f32, _): (.f32, .f32)
            case (.f16, .f32): fitsF16 ? (.f16, .f16) : (.f32, .f32)
            case (.f16, let type): (type, .f16)
            }
        spec = assignment.spec
        self.scheme = scheme
        reason = scheme == assignment.scheme ? assignment.reason : "values do not fit F16"
        self.source = source
        elementType = type
        layout = WeightLayout(assignment.spec, scheme)
        self.updates = updates
    }

    /// In the pack.
    var shape: [Int] { spec.packShape(scheme) }
    var rows: Int { shape[0] }
    /// Elements of a row in the pack.
    var columns: Int { shape[1...].reduce(1, *) }
    /// Elements of a row (output channel) in the checkpoint.
    var sourceColumns: Int { spec.shape[1...].reduce(1, *) }

    /// In the checkpoint; none of what a calibration adds.
    var bytesBefore: Int { spec.kind == .factors ? 0 : source.byteCount }

    var byteCount: Int { rows * columns * elementType.byteCount }
    private var rowsPerChunk: Int { ChunkPlan.rowsPerChunk(rowBytes: columns * elementType.byteCount) }
    var chunkCount: Int { (rows + rowsPerChunk - 1) / rowsPerChunk }

    func rows(ofChunk index: Int) -> Range<Int> {
        index * rowsPerChunk..<min((index + 1) * rowsPerChunk, rows)
    }
}

extension TensorPlan {
    /// All values, as they stand in the checkpoint with its adapters, and without what a calibration changes.
    func values() throws -> [Float] {
        var values = RowQuantizer.widen(
            try source.readBytes(elements: 0..<source.elementCount), as: source.type)
        for update in updates {
            try update.add(
                to: &values, rows: 0..<spec.shape[0], columns: sourceColumns, down: update.readDown())
        }
        return values
    }
}
