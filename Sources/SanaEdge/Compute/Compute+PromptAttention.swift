import QuantKernels

/// A prompt's keys and values in the form that attention reads again and again: keys transposed, rows filled up with
/// zeros to whole vectors.
struct KeysValues: Sendable {
    let tokens: Int
    let heads: Int
    let headDimension: Int
    /// What logits are multiplied by.
    let scale: Float
    let keys: Buffer<Float>  // (heads, headDimension, keyStride)
    let values: Buffer<Float>  // (heads, tokens, valueStride)

    var keyStride: Int { Self.filled(tokens) }
    var valueStride: Int { Self.filled(headDimension) }

    /// - Parameter k, v: (tokens, heads · headDimension), tokens > 0
    init(k: Matrix, v: Matrix, heads: Int, scale: Float) {
        precondition(k.rows == v.rows && k.columns == v.columns && k.columns % heads == 0 && k.rows > 0)
        (tokens, self.heads, headDimension, self.scale) = (k.rows, heads, k.columns / heads, scale)
        let (d, count) = (headDimension, tokens)
        keys = Buffer(count: heads * d * Self.filled(count))
        values = Buffer(count: heads * count * Self.filled(d))
        for head in 0..<heads {
            for token in 0..<count {
                for index in 0..<d {
                    keys[(head * d + index) * keyStride + token] = k[token, head * d + index]
                    values[(head * count + token) * valueStride + index] = v[token, head * d + index]
                }
            }
        }
    }

    /// (headDimension, keyStride)
    func keys(of head: Int) -> UnsafePointer<Float> {
        unsafe UnsafePointer(keys.base + head * headDimension * keyStride)
    }

    /// (tokens, valueStride)
    func values(of head: Int) -> UnsafePointer<Float> {
        unsafe UnsafePointer(values.base + head * tokens * valueStride)
    }

    private static func filled(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

extension Compute {
    /// Queries that are computed at once: keys and values pass through a core's cache once for so many.
    private static let promptQueryBlock = 64

    /// Softmax attention of an image's queries to a prompt, softmax(scale · q kᵀ) v for each head, as the operand of
    /// the projection behind it.
    ///
    /// - Parameters:
    ///   - q: (queries, heads · headDimension)
    ///   - weights, floats, layer: as for `operand`
    func attention(
        q: Matrix, _ prompt: KeysValues, for weights: [Weight], floats: @autoclosure () -> Matrix,
        layer: @autoclosure () -> String
    ) throws(ActivationError) -> Operand {
        let d = prompt.headDimension
        precondition(q.columns == prompt.heads * d)
        let kernels = unsafe kernels
        let (tokens, keyStride, valueStride) = (prompt.tokens, prompt.keyStride, prompt.valueStride)
        return unsafe try operand(
            rows: q.rows, columns: q.columns, for: weights, block: Compute.promptQueryBlock, floats: floats(),
            scratch: Compute.promptQueryBlock * keyStride, layer: layer()
        ) { rows, target, logits in
            // Logits in whole vectors: what stands behind the last token's is made, and counts as unseen.
            for head in 0..<prompt.heads {
                let (keys, values) = unsafe (prompt.keys(of: head), prompt.values(of: head))
                let nextKeys = unsafe prompt.keys(of: (head + 1) % prompt.heads)
                unsafe kernels.gemm_f32(
                    rows.count, keyStride, d, q.pointer(row: rows.lowerBound) + head * d, q.stride,
                    keys, keyStride, logits, keyStride,
                    qk_ahead(first: values, floats: tokens * valueStride))
                unsafe kernels.softmax_f32(
                    rows.count, keyStride, 0, tokens, prompt.scale, 0, logits, keyStride)
                unsafe kernels.gemm_f32(
                    rows.count, d, tokens, logits, keyStride, values, valueStride,
                    target.base + head * d, target.stride,
                    qk_ahead(first: nextKeys, floats: d * keyStride))
            }
        }
    }
}
