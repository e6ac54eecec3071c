import SanaModel
import Synchronization

/// A pack while it grows: takes converted chunks in order and sums up what a report says of each tensor.
final class PackAssembly: Sendable {
    private let state: Mutex<State>

    /// - Parameter plans: the tensors in execution order.
    /// - Throws: `OutputError`.
    convenience init(target: String, overwrite: Bool, plans: [TensorPlan]) throws {
        // Compressed weights come out well above half of their size.
        let expectedSize = plans.reduce(0) { $0 + $1.byteCount } / 2
        try self.init(
            AtomicFile(target: target, overwrite: overwrite, expectedSize: expectedSize), plans: plans)
    }

    /// - Throws: `OutputError`.
    init(_ output: any PackOutput, plans: [TensorPlan]) throws {
        state = Mutex(State(plans: plans, writer: try PackWriter(output)))
    }

    /// Writes the next chunk.
    ///
    /// - Returns: bytes of the checkpoint's tensors that are in the pack.
    func append(_ chunk: ConvertedChunk) throws -> Int {
        try state.withLock { try $0.append(chunk) }
    }

    /// What became of the tensors that are in the pack.
    var reports: [ConversionReport.Tensor] { state.withLock { $0.reports } }

    /// The tensors that are in the pack, for what is computed with its own weights.
    func reader(_ manifest: Manifest) throws -> PackReader {
        try state.withLock { try $0.writer.reader(manifest: manifest) }
    }

    /// Writes what is no tensor and brings the pack to its name. An empty text is the same as none.
    ///
    /// - Returns: bytes of the pack.
    func finish(
        _ manifest: Manifest, tokenizer: [UInt8], instruction: String, prefix: [UInt8] = [], licence: String
    ) throws -> Int {
        try state.withLock { state in
            try state.writer.add(.tokenizer, tokenizer)
            try state.writer.add(.instruction, Array(instruction.utf8))
            try state.writer.add(.prefixCache, prefix)
            try state.writer.add(.licence, Array(licence.utf8))
            try state.writer.add(manifest)
            return try state.writer.finish()
        }
    }
}

private struct State {
    let plans: [TensorPlan]
    let writer: PackWriter
    var reports: [ConversionReport.Tensor] = []
    private var sourceBytesDone = 0

    // Of the tensor that is being written.
    private var chunksDone = 0
    private var scales: [Float] = []
    private var error = QuantizationError()
    private var start = 0

    init(plans: [TensorPlan], writer: PackWriter) {
        self.plans = plans
        self.writer = writer
    }

    mutating func append(_ chunk: ConvertedChunk) throws -> Int {
        let plan = plans[reports.count]
        if chunksDone == 0 {
            start = writer.offset
            try writer.begin(plan.spec.packName, plan.scheme, plan.elementType, plan.shape)
        }
        try writer.append(chunk.encoded)
        let firstRow = plan.rows(ofChunk: chunksDone).lowerBound
        for (offset, power) in chunk.powers.enumerated() {
            error.add(power, row: firstRow + offset)
        }
        scales += chunk.scales
        chunksDone += 1
        let bytesDone = sourceBytesDone + plan.source.byteCount / plan.chunkCount * chunksDone
        guard chunksDone == plan.chunkCount else { return bytesDone }
        try end(plan)
        return sourceBytesDone
    }

    private mutating func end(_ plan: TensorPlan) throws {
        try writer.end(scales: scales)
        reports.append(
            ConversionReport.Tensor(
                name: plan.spec.packName, component: plan.spec.component, scheme: plan.scheme,
                elementType: plan.elementType, shape: plan.shape, bytesBefore: plan.bytesBefore,
                bytesAfter: writer.offset - start, reason: plan.reason,
                error: error, calibration: plan.adjustment?.outcome))
        sourceBytesDone += plan.source.byteCount
        (chunksDone, scales, error) = (0, [], QuantizationError())
    }
}
