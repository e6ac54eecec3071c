import SanaModel

/// Multi-scale linear attention and a gated feed-forward (EfficientViT, arXiv 2205.14756 §3.2, as DC-AE uses it).
///
/// Both run in bands of rows, whose heights come from the image's size alone: of what is wider than the image only a
/// band is in memory.
struct EfficientViTBlock {
    let name: String
    let attention: MultiscaleAttention
    let convolution: GatedConvolution  // 4 channels hidden
    let point: Linear  // (channels, 4 channels)
    let norm: RMSNorm

    init(_ name: String, stage: DecoderConfig.Stage, config: DecoderConfig, loader: WeightLoader) throws {
        self.name = name
        attention = try MultiscaleAttention("\(name).attn", stage: stage, config: config, loader: loader)
        convolution = try loader.gatedConvolution("\(name).conv_out")
        point = try loader.linear("\(name).conv_out.conv_point", bias: false)
        norm = try loader.decoderNorm("\(name).conv_out.norm")
    }

    /// Moves an image through the block, in place.
    func callAsFunction(_ image: DecoderImage, _ scratch: DecoderScratch, compute: Compute) throws {
        try compute.measured("attention") { try attention(image, scratch, compute) }
        try compute.measured("feed-forward") { try feedForward(image, scratch, compute) }
    }

    /// Hidden floats of a band, about.
    private static let bandFloats = 1 << 23
    /// Rows of a band at least: two rows more are expanded than come out.
    private static let leastBandRows = 16

    /// Rows of a band of the feed-forward.
    static func bandRows(width: Int, hidden: Int) -> Int { max(leastBandRows, bandFloats / (width * hidden)) }

    private func feedForward(_ image: DecoderImage, _ scratch: DecoderScratch, _ compute: Compute) throws {
        let (x, height, width) = (image.x, image.height, image.width)
        let bandRows = Self.bandRows(width: width, hidden: convolution.hidden)
        // The rows of a band and their neighbours, as they were before the bands changed them in place.
        let source = scratch.matrix(
            .source, rows: (min(bandRows, height) + 2) * width, columns: x.columns)
        for top in stride(from: 0, to: height, by: bandRows) {
            let rows = top..<min(height, top + bandRows)
            let seen = max(0, top - 1)..<min(height, rows.upperBound + 1)
            if top > 0 {
                let above = (bandRows + min(1, top - bandRows) - 1) * width
                source.rows(0..<width).copy(source.rows(above..<above + width))
            }
            source.rows((top - seen.lowerBound) * width..<seen.count * width).copy(
                x.rows(top * width..<seen.upperBound * width))
            let operand = try compute.operand(
                source.rows(0..<seen.count * width), for: convolution.weights,
                layer: convolution.value.name)
            let hidden = try compute.gatedConvolution(
                operand, firstRow: seen.lowerBound, convolution, rows: rows, height: height, width: width,
                for: point, scratch: scratch.gatedConvolution)
            compute.linear(
                hidden, point, norm, addedTo: x.rows(rows.lowerBound * width..<rows.upperBound * width),
                products: scratch.matrix(.products, rows: rows.count * width, columns: x.columns))
        }
    }
}
