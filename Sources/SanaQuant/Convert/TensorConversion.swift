import SanaEdge
import SanaModel

/// All tensors of a conversion, streamed from the checkpoint into the pack in execution order.
struct TensorConversion {
    private let plans: [TensorPlan]
    /// The first chunk of each tensor, counted over all tensors, and behind them the number of chunks.
    private let firstChunks: [Int]

    init(_ plans: [TensorPlan]) {
        self.plans = plans
        firstChunks = plans.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.chunkCount) }
    }

    /// Writes every tensor.
    ///
    /// `progress` takes the checkpoint's bytes that are done and those of all tensors, and may throw to stop.
    func run(
        on compute: Compute, into pack: PackAssembly, progress: @Sendable (Int, Int) throws -> Void
    ) throws {
        let total = plans.reduce(0) { $0 + $1.source.byteCount }
        try OrderedBatches(compute: compute).run(count: firstChunks[plans.count]) { index in
            let tensor = tensorIndex(ofChunk: index)
            return try ChunkConverter.convert(plans[tensor], chunk: index - firstChunks[tensor])
        } consume: { chunk in
            try progress(try pack.append(chunk), total)
        }
    }

    private func tensorIndex(ofChunk chunk: Int) -> Int {
        var (low, high) = (0, plans.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if firstChunks[middle] <= chunk { low = middle } else { high = middle }
        }
        return low
    }
}
