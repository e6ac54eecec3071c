import QuantKernels

extension Compute {
    /// Tokens whose sums are formed one by one; the blocks' sums are then added in their order.
    private static let tokenBlock = 256

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
        let size = d * (d + 1)
        let states = Buffer<Float>(count: blocks * heads * size)  // (blocks, heads, d, d + 1)
        parallel(blocks * heads) { index in
            let (row, column) = (index / heads * Compute.tokenBlock, index % heads * headStride)
            unsafe kernels.linear_attention_state_f32(
                min(Compute.tokenBlock, tokens - row), d, k.pointer(row: row) + column, k.stride,
                v.pointer(row: row) + column, v.stride, states.base + index * size)
        }
        parallel(heads) { head in
            let sum = unsafe states.base + head * size
            for block in 1..<max(blocks, 1) {
                let part = unsafe states.base + (block * heads + head) * size
                unsafe kernels.add_f32(1, size, part, size, sum, size)
            }
        }
        parallel(blocks * heads) { index in
            let (row, head) = (index / heads * Compute.tokenBlock, index % heads)
            unsafe kernels.linear_attention_output_f32(
                min(Compute.tokenBlock, tokens - row), d, epsilon, q.pointer(row: row) + head * headStride,
                q.stride, states.base + head * size, y.pointer(row: row) + head * d, y.stride)
        }
    }
}
