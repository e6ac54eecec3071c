import QuantKernels

extension Compute {
    /// Queries that are computed at once.
    private static let queryBlock = 128

    /// Softmax attention: softmax(scale · q kᵀ) v for each head; with `softcap`, logits pass through
    /// softcap · tanh(logit / softcap) first. What becomes of a query does not depend, to the bit, on the queries beside it.
    ///
    /// - Parameters:
    ///   - q: (queries, heads · headDimension)
    ///   - k, v: (keys, keyValueHeads · headDimension), keys > 0; query head h reads key head
    ///     h / (heads / keyValueHeads).
    ///   - causal: query i is at position i + keys - queries and sees the keys up to there.
    ///   - window: how many keys a causal query sees at most, its own included.
    ///   - y: (queries, heads · headDimension), may be `q`
    public func attention(
        q: Matrix, k: Matrix, v: Matrix, heads: Int, keyValueHeads: Int, headDimension: Int, scale: Float,
        softcap: Float?, causal: Bool, window: Int?, into y: Matrix
    ) {
        let (queries, keys, d) = (q.rows, k.rows, headDimension)
        precondition(q.columns == heads * d && y.columns == heads * d && y.rows == queries)
        precondition(k.columns == keyValueHeads * d && v.columns == keyValueHeads * d && v.rows == keys)
        precondition(keyValueHeads > 0 && heads % keyValueHeads == 0 && keys > 0)
        precondition(!causal || keys >= queries && window ?? 1 > 0)
        let kernels = unsafe kernels
        let visible = Visibility(keys: keys, offset: keys - queries, causal: causal, window: window)
        let blocks = (queries + Compute.queryBlock - 1) / Compute.queryBlock
        let packed = KeysValues(k: k, v: v, heads: keyValueHeads, scale: scale)
        unsafe parallel(blocks * heads, scratch: Compute.queryBlock * keys) { index, logits in
            let head = index / blocks
            let first = index % blocks * Compute.queryBlock
            let rows = min(Compute.queryBlock, queries - first)
            // Keys stand in whole vectors.
            let begin = visible.keys(for: first).lowerBound / 16 * 16
            let count = visible.keys(for: first + rows - 1).upperBound - begin
            let keyHead = head / (heads / keyValueHeads)
            unsafe kernels.gemm_f32(
                rows, count, d, q.pointer(row: first) + head * d, q.stride,
                packed.keys(of: keyHead) + begin, packed.keyStride, logits, count,
                qk_ahead())
            for row in 0..<rows {
                let seen = visible.keys(for: first + row)
                unsafe kernels.softmax_f32(
                    1, count, seen.lowerBound - begin, seen.upperBound - begin, scale, softcap ?? 0,
                    logits + row * count, count)
            }
            unsafe kernels.gemm_f32(
                rows, d, count, logits, count,
                packed.values(of: keyHead) + begin * packed.valueStride, packed.valueStride,
                y.pointer(row: first) + head * d, y.stride, qk_ahead())
        }
    }
}

/// Which keys a query sees.
private struct Visibility: Sendable {
    let keys: Int
    /// The position of query 0.
    let offset: Int
    let causal: Bool
    let window: Int?

    func keys(for query: Int) -> Range<Int> {
        guard causal else { return 0..<keys }
        let end = query + offset + 1
        return max(0, window.map { end - $0 } ?? 0)..<end
    }
}
