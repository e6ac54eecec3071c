import QuantKernels

extension Compute {
    /// Tokens that are added up one by one; the blocks' sums are then added in their order.
    private static let tokenBlock = 256
    /// Tokens that all heads of a group take in before the next: neighbouring heads lie side by side in memory.
    private static let tokenRun = 8
    private static let headGroup = 8

    /// ReLU linear attention in float32 (Sana, arXiv 2410.10629 §3.2). For each head
    /// S = Σ relu(kₙ)ᵀ [vₙ, 1], o = relu(q) S, y = o[..<d] / (o[d] + ε).
    ///
    /// - Parameters:
    ///   - q, k, v: tokens in rows; head h is the columns h · headStride ..< h · headStride + d.
    ///   - y: (tokens, heads · d), other memory than q, k and v
    public func linearAttention(
        q: Matrix, k: Matrix, v: Matrix, heads: Int, headDimension: Int, headStride: Int, epsilon: Float,
        into y: Matrix
    ) {
        let (tokens, d) = (q.rows, headDimension)
        precondition(k.rows == tokens && v.rows == tokens && y.rows == tokens && y.columns == heads * d)
        precondition([q, k, v].allSatisfy { $0.columns >= (heads - 1) * headStride + d })
        let kernels = unsafe kernels
        let blocks = (tokens + Compute.tokenBlock - 1) / Compute.tokenBlock
        let groups = (heads + Compute.headGroup - 1) / Compute.headGroup
        let size = d * (d + 1)
        let states = Buffer<Float>(count: blocks * heads * size)  // (blocks, heads, d (d + 1))
        parallel(blocks * groups) { index in
            let (block, first) = (index / groups, index % groups * Compute.headGroup)
            let end = min(tokens, (block + 1) * Compute.tokenBlock)
            for row in stride(from: block * Compute.tokenBlock, to: end, by: Compute.tokenRun) {
                for head in first..<min(heads, first + Compute.headGroup) {
                    unsafe kernels.linear_attention_state_f32(
                        min(Compute.tokenRun, end - row), d, k.pointer(row: row) + head * headStride,
                        k.stride,
                        v.pointer(row: row) + head * headStride, v.stride,
                        states.base + (block * heads + head) * size)
                }
            }
        }
        parallel(heads) { head in
            let sum = unsafe states.base + head * size
            for block in 1..<max(blocks, 1) {
                let part = unsafe states.base + (block * heads + head) * size
                unsafe kernels.add_f32(1, size, part, size, sum, size)
            }
        }
        parallel((tokens + Compute.tokenRun - 1) / Compute.tokenRun) { run in
            let row = run * Compute.tokenRun
            for head in 0..<heads {
                unsafe kernels.linear_attention_output_f32(
                    min(Compute.tokenRun, tokens - row), d, epsilon, q.pointer(row: row) + head * headStride,
                    q.stride, states.base + head * size, y.pointer(row: row) + head * d, y.stride)
            }
        }
    }
}
