import SanaModel

/// ReLU linear attention over an image and over scaled copies of its queries, keys and values (EfficientViT, arXiv
/// 2205.14756 §3.1).
///
/// The heads are runs of 3 · headDimension channels of the concatenated projections, each with its own query, key and
/// value; each scale has as many heads again. Keys and values are gone through first, band by band, and summed up to
/// the heads' states; then queries, and with them what becomes of the image. So neither projections nor their copies
/// are ever in memory whole.
struct MultiscaleAttention {
    private let keysValues: BandProjection  // of each head its key, then its value
    private let queries: BandProjection
    private let heads: Int
    private let headDimension: Int
    private let output: Linear  // (channels, inner · (1 + scales))
    private let norm: RMSNorm

    init(_ name: String, stage: DecoderConfig.Stage, config: DecoderConfig, loader: WeightLoader) throws {
        let (heads, d) = (config.heads(stage.channels), config.headDimension)
        (self.heads, headDimension) = (heads, d)
        let channels = [d..<3 * d, 0..<d].map { part in
            (0..<heads).map { 3 * d * $0 + part.lowerBound..<3 * d * $0 + part.upperBound }
        }
        let projections = try BandProjection.list(
            name, channels: channels, inner: heads * d, headDimension: d, kernels: stage.scales,
            loader: loader)
        (keysValues, queries) = (projections[0], projections[1])
        output = try loader.linear("\(name).to_out", bias: false)
        norm = try loader.decoderNorm("\(name).norm_out")
    }

    /// Pixels of a band, about.
    private static let bandPixels = 2048

    /// Rows of a band.
    static func bandRows(height: Int, width: Int) -> Int { max(1, min(height, bandPixels / width)) }

    /// Moves an image through the attention, in place.
    func callAsFunction(_ image: DecoderImage, _ scratch: DecoderScratch, _ compute: Compute) throws {
        let bandRows = Self.bandRows(height: image.height, width: image.width)
        let d = headDimension
        var states: [LinearAttentionState] = []
        try keysValues.forEachBand(of: image, bandRows, scratch, compute) { _, scales in
            let layout = HeadLayout(heads: heads, headDimension: d, stride: 2 * d)
            let found = scales.map { x in
                compute.linearAttentionState(
                    k: x.columns(0..<x.columns - d), v: x.columns(d..<x.columns), layout)
            }
            if states.isEmpty {
                states = found
            } else {
                for (state, more) in zip(states, found) { compute.add(more, into: state) }
            }
        }
        let sums = states
        let layout = HeadLayout(heads: heads, headDimension: d, stride: d)
        let inner = heads * d
        try queries.forEachBand(of: image, bandRows, scratch, compute) { pixels, scales in
            let columns = inner * scales.count
            let mixed = try unsafe compute.operand(
                rows: pixels.count, columns: columns, for: [output.weight],
                floats: scratch.matrix(.mixed, rows: pixels.count, columns: columns), layer: output.name
            ) { rows, target, _ in
                for (scale, (q, state)) in zip(scales, sums).enumerated() {
                    unsafe compute.linearAttentionOutput(
                        q, rows, state, layout, epsilon: Float(DecoderConfig.attentionEpsilon),
                        into: RowTarget(base: target.base + scale * inner, stride: target.stride))
                }
            }
            compute.linear(
                mixed, output, norm, addedTo: image.x.rows(pixels),
                products: scratch.matrix(.products, rows: pixels.count, columns: image.x.columns))
        }
    }
}

/// Some channels of an image's concatenated queries, keys and values, and of their scaled copies.
private struct BandProjection {
    /// A depthwise convolution, then a projection inside each head's query, key or value.
    private struct Scale {
        let kernel: Int
        let depthWeight: Buffer<Float>  // (kernel², channels)
        let projection: Buffer<Float>  // (channels, headDimension)
    }

    /// Neighbouring channels, one layer behind the other.
    private let layers: [Linear]
    private let scales: [Scale]
    private let columns: Int
    private let groups: Int

    /// One projection for each list of channels of the concatenation, which are ascending and whole queries, keys or
    /// values.
    static func list(
        _ name: String, channels lists: [[Range<Int>]], inner: Int, headDimension: Int, kernels: [Int],
        loader: WeightLoader
    ) throws -> [BandProjection] {
        let parts = try ["to_q", "to_k", "to_v"].enumerated().map { index, part in
            let own = index * inner..<(index + 1) * inner
            return try loader.linears(
                "\(name).\(part)",
                rows: lists.map { channels in
                    channels.map { $0.clamped(to: own) }.filter { !$0.isEmpty }
                        .map { $0.lowerBound - own.lowerBound..<$0.upperBound - own.lowerBound }
                })
        }
        let weights = try kernels.indices.map { index in
            let scale = "\(name).to_qkv_multiscale.\(index)"
            return (
                depthwise: try loader.depthwise("\(scale).proj_in.weight").array,
                projection: try loader.vector("\(scale).proj_out.weight").array
            )
        }
        return lists.enumerated().map { index, channels in
            let wanted = channels.flatMap { Array($0) }
            let d = headDimension
            let scales = zip(kernels, weights).map { kernel, weights in
                Scale(
                    kernel: kernel,
                    depthWeight: Buffer(
                        (0..<kernel * kernel).flatMap { tap in
                            wanted.map { weights.depthwise[tap * 3 * inner + $0] }
                        }),
                    projection: Buffer(wanted.flatMap { weights.projection[$0 * d..<($0 + 1) * d] }))
            }
            return BandProjection(
                layers: parts.map { $0[index] }.filter { $0.outputs > 0 }, scales: scales,
                columns: wanted.count, groups: wanted.count / d)
        }
    }

    /// Calls `body` with the pixels of one band after the other and with their channels, as they are and at each
    /// scale: (pixels, columns) each. The pixels of bands before may be changed in place.
    func forEachBand(
        of image: DecoderImage, _ bandRows: Int, _ scratch: DecoderScratch, _ compute: Compute,
        _ body: (Range<Int>, [Matrix]) throws -> Void
    ) throws {
        let (height, width) = (image.height, image.width)
        let halo = (scales.map(\.kernel).max() ?? 1) / 2
        // Rows from `first` on; those that the next band reads too are moved to the front.
        let held = scratch.matrix(
            .projections, rows: min(height, bandRows + 2 * halo) * width, columns: columns)
        var (first, end) = (0, 0)
        for top in stride(from: 0, to: height, by: bandRows) {
            let rows = top..<min(height, top + bandRows)
            let seen = max(0, top - halo)..<min(height, rows.upperBound + halo)
            if seen.lowerBound > first {
                let kept = (seen.lowerBound - first) * width..<(end - first) * width
                held.moveToFront(kept)
                first = seen.lowerBound
            }
            if seen.upperBound > end {
                try project(
                    image.x.rows(end * width..<seen.upperBound * width),
                    into: held.rows((end - first) * width..<(seen.upperBound - first) * width), compute)
                end = seen.upperBound
            }
            let band = ImageBand(
                x: held.rows(0..<(end - first) * width), firstRow: first, height: height, width: width)
            let own = held.rows((top - first) * width..<(rows.upperBound - first) * width)
            try body(
                top * width..<rows.upperBound * width,
                [own] + scaled(band, rows, scratch, compute))
        }
    }

    private func project(_ x: Matrix, into y: Matrix, _ compute: Compute) throws {
        let operand = try compute.operand(x, for: layers.map(\.weight), layer: layers[0].name)
        var first = 0
        for layer in layers {
            compute.linear(operand, layer, into: y.columns(first..<first + layer.outputs))
            first += layer.outputs
        }
    }

    private func scaled(
        _ band: ImageBand, _ rows: Range<Int>, _ scratch: DecoderScratch, _ compute: Compute
    ) -> [Matrix] {
        let count = rows.count * band.width
        return scales.enumerated().map { index, scale in
            let local = scratch.matrix(.local, rows: count, columns: columns)
            let y = scratch.matrix(.scaled(index), rows: count, columns: columns)
            compute.depthwise(
                band, rows: rows, kernel: scale.kernel, weight: scale.depthWeight, bias: nil, into: local)
            compute.groupedLinear(local, weight: scale.projection, groups: groups, into: y)
            return y
        }
    }
}
