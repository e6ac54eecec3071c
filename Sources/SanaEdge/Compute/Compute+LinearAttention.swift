import QuantKernels

/// What ReLU linear attention keeps of an image's keys and values (Sana, arXiv 2410.10629 §3.2): for each head
/// Σ relu(kₙ)ᵀ [vₙ, 1].
final class LinearAttentionState: Sendable {
    let heads: Int
    let headDimension: Int
    /// (heads, d (d + 1)): (d, d), then (d); behind them what they were added up from.
    let sums: Buffer<Float>
    private let recycler: Recycler<Float>

    /// Sums of any value, for so many blocks of tokens.
    init(blocks: Int, _ layout: HeadLayout, recycler: Recycler<Float>) {
        (heads, headDimension, self.recycler) = (layout.heads, layout.headDimension, recycler)
        sums = recycler.take(count: blocks * heads * Self.size(headDimension))
    }

    deinit {
        recycler.give(sums)
    }

    static func size(_ headDimension: Int) -> Int { headDimension * (headDimension + 1) }
}

/// Where the heads of queries, keys or values stand.
struct HeadLayout: Sendable {
    let heads: Int
    let headDimension: Int
    /// Columns from one head to the next.
    let stride: Int

    /// Heads that are whole panels of `width` columns where they lie side by side, of 128 columns at least: a product of
    /// them begins with a panel and gives whole heads.
    func headsOfWholePanels(_ width: Int) -> Int {
        let columns = (128 + width - 1) / width * width
        return leastCommonMultiple(columns, headDimension) / headDimension
    }
}

extension Compute {
    /// Tokens that are added up one by one; the blocks' sums are then added in their order.
    private static let tokenBlock = 128
    /// Tokens that all heads of a group take in before the next: neighbouring heads lie side by side in memory.
    private static let tokenRun = 8
    private static let headGroup = 8

    /// ReLU linear attention in float32: o = relu(q) S with S of `LinearAttentionState`, y = o[..<d] / (o[d] + ε).
    ///
    /// - Parameters:
    ///   - q, k, v: tokens in rows; head h is the columns h · headStride ..< h · headStride + d.
    ///   - y: (tokens, heads · d), other memory than q, k and v
    public func linearAttention(
        q: Matrix, k: Matrix, v: Matrix, heads: Int, headDimension: Int, headStride: Int, epsilon: Float,
        into y: Matrix
    ) {
        precondition(y.rows == q.rows && y.columns == heads * headDimension)
        let layout = HeadLayout(heads: heads, headDimension: headDimension, stride: headStride)
        let state = linearAttentionState(k: k, v: v, layout)
        parallel((q.rows + Compute.tokenRun - 1) / Compute.tokenRun) { run in
            let row = run * Compute.tokenRun
            let rows = row..<min(row + Compute.tokenRun, q.rows)
            unsafe linearAttentionOutput(
                q, rows, state, layout, epsilon: epsilon,
                into: RowTarget(base: y.pointer(row: row), stride: y.stride))
        }
    }

    /// The state of an image whose keys and values are there.
    func linearAttentionState(k: Matrix, v: Matrix, _ layout: HeadLayout) -> LinearAttentionState {
        let tokens = k.rows
        precondition(v.rows == tokens)
        precondition(
            [k, v].allSatisfy { $0.columns >= (layout.heads - 1) * layout.stride + layout.headDimension })
        let groups = (layout.heads + Compute.headGroup - 1) / Compute.headGroup
        let states = unsafe sumsOfBlocks(images: 1, tokens: tokens, layout, groups: groups, scratch: 0) {
            block, group, states, _ in
            let first = group * Compute.headGroup
            unsafe makeState(
                block.count, heads: min(Compute.headGroup, layout.heads - first), layout,
                k: k.pointer(row: block.lowerBound) + first * layout.stride, k.stride,
                v: v.pointer(row: block.lowerBound) + first * layout.stride, v.stride,
                into: states + first * LinearAttentionState.size(layout.headDimension))
        }
        return states[0]
    }

    /// The states of images whose keys and values are products: they are added as they leave the product, block by
    /// block, and never are in memory whole.
    ///
    /// - Parameter x: (images · tokens, width), made for both weights, which are w8a8
    func linearAttentionStates(
        projecting x: Operand, images: Int, key: Linear, value: Linear, _ layout: HeadLayout
    ) -> [LinearAttentionState] {
        guard let quantized = x.quantized, let k = key.weight.panels, let v = value.weight.panels else {
            preconditionFailure("keys and values of an int8 product")
        }
        let d = layout.headDimension
        precondition(layout.stride == d && k.outputs == layout.heads * d && v.outputs == k.outputs)
        let group = layout.headsOfWholePanels(k.width)
        let columns = group * d
        let groups = (layout.heads + group - 1) / group
        let (keyEpilogue, valueEpilogue) = (
            Epilogue(bias: key.bias, output: .store(.relu), columns: key.outputs),
            Epilogue(bias: value.bias, output: .store(.none), columns: value.outputs)
        )
        return unsafe sumsOfBlocks(
            images: images, tokens: x.rows / images, layout, groups: groups,
            scratch: 2 * columns * Compute.tokenBlock
        ) { rows, index, states, memory in
            let first = index * group
            let heads = min(group, layout.heads - first)
            let range = first * d..<(first + heads) * d
            let values = unsafe memory + columns * Compute.tokenBlock
            unsafe multiplyPart(
                quantized, rows: rows, k, columns: range, keyEpilogue, into: memory, stride: columns)
            unsafe multiplyPart(
                quantized, rows: rows, v, columns: range, valueEpilogue, into: values, stride: columns)
            unsafe makeState(
                rows.count, heads: heads, layout, k: memory, columns, v: values, columns,
                into: states + first * LinearAttentionState.size(d))
        }
    }

    /// state += more, the state of more tokens.
    func add(_ more: LinearAttentionState, into state: LinearAttentionState) {
        let size = state.heads * LinearAttentionState.size(state.headDimension)
        precondition(more.heads == state.heads && more.headDimension == state.headDimension)
        unsafe kernels.add_f32(1, size, more.sums.base, size, state.sums.base, size)
    }

    /// Some tokens' outputs.
    func linearAttentionOutput(
        _ q: Matrix, _ rows: Range<Int>, _ state: LinearAttentionState, _ layout: HeadLayout, epsilon: Float,
        into y: RowTarget
    ) {
        let d = layout.headDimension
        let size = LinearAttentionState.size(d)
        let kernels = unsafe kernels
        for head in 0..<layout.heads {
            unsafe kernels.linear_attention_output_f32(
                rows.count, d, epsilon, q.pointer(row: rows.lowerBound) + head * layout.stride, q.stride,
                state.sums.base + head * size, y.base + head * d, y.stride)
        }
    }

    /// For each image, adds the blocks' states, which `add` makes for a group of heads. It is told the
    /// block's rows, counted from the first image's first.
    private func sumsOfBlocks(
        images: Int, tokens: Int, _ layout: HeadLayout, groups: Int, scratch: Int,
        _ add:
            @Sendable (
                Range<Int>, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
            ) -> Void
    ) -> [LinearAttentionState] {
        let kernels = unsafe kernels
        let size = LinearAttentionState.size(layout.headDimension)
        let blocks = max(1, (tokens + Compute.tokenBlock - 1) / Compute.tokenBlock)
        let states = (0..<images).map { _ in
            LinearAttentionState(blocks: blocks, layout, recycler: floatRecycler)
        }
        unsafe parallel(images * blocks * groups, scratch: scratch) { index, memory in
            let (image, block) = (index % (images * blocks) / blocks, index % blocks)
            let first = block * Compute.tokenBlock
            let rows = image * tokens + first..<image * tokens + min(tokens, first + Compute.tokenBlock)
            let sums = unsafe states[image].sums.base + block * layout.heads * size
            unsafe add(rows, index / (images * blocks), sums, memory)
        }
        parallel(images * layout.heads) { index in
            let (image, head) = (index / layout.heads, index % layout.heads)
            let sum = unsafe states[image].sums.base + head * size
            for block in 1..<blocks {
                let part = unsafe states[image].sums.base + (block * layout.heads + head) * size
                unsafe kernels.add_f32(1, size, part, size, sum, size)
            }
        }
        return states
    }

    /// The state of some tokens and neighbouring heads.
    private func makeState(
        _ tokens: Int, heads: Int, _ layout: HeadLayout, k: UnsafePointer<Float>, _ kStride: Int,
        v: UnsafePointer<Float>, _ vStride: Int, into states: UnsafeMutablePointer<Float>
    ) {
        let kernels = unsafe kernels
        let d = layout.headDimension
        unsafe states.update(repeating: 0, count: heads * LinearAttentionState.size(d))
        for row in stride(from: 0, to: tokens, by: Compute.tokenRun) {
            for head in 0..<heads {
                unsafe kernels.linear_attention_state_f32(
                    min(Compute.tokenRun, tokens - row), d, k + row * kStride + head * layout.stride, kStride,
                    v + row * vStride + head * layout.stride, vStride,
                    states + head * LinearAttentionState.size(d))
            }
        }
    }
}

private func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
    var (x, y) = (a, b)
    while y != 0 { (x, y) = (y, x % y) }
    return a / x * b
}
