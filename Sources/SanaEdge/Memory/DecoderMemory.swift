import SanaModel

extension ComponentMemory {
    /// The decoder.
    ///
    /// - Parameter bandRows: rows that local stages read at once.
    static func decoder(
        _ config: DecoderConfig, _ pack: PackReader, _ weights: WeightMemory, _ plan: GenerationPlan,
        bandRows: Int
    ) -> ComponentMemory {
        let prefix = "\(Component.decoder.rawValue)."
        func isInt8(_ name: String) -> Bool { pack.tensor("\(prefix)\(name).weight")?.scheme == .w8a8 }
        let list = DecoderLayer.list(config, inBands: true) { pack.tensor(prefix + $0)?.scheme }
        var (height, width) = (plan.latentShape[1], plan.latentShape[2])
        var channels = config.inChannels
        var scratch = DecoderScratchMemory()
        var layers: [Layer] = []
        var named: [String] = []
        let lastAttention = list.lastIndex { $0.hasAttention(config) } ?? -1
        for (index, layer) in list.enumerated() {
            // What attention blocks before it leave to those behind it.
            let waiting = index < lastAttention ? scratch.bytes : 0
            let names = layer.prefixes.map { prefix + $0 }
            let image = 4 * height * width * channels
            let activations: Int
            switch layer.kind {
            case .upsampling(let stage):
                channels = config.stages[stage].channels
                (height, width) = (2 * height, 2 * width)
                let int8 =
                    isInt8("\(layer.prefixes[0])conv")
                    ? (height / 2 + 2) * (width / 2 + 2) * image / (height * width) : 0
                // Pixel shuffling has another copy.
                let copies = config.interpolates ? 1 : 2
                activations = waiting + image + int8 + copies * 4 * height * width * channels
            case .block(let stage, _) where config.stages[stage].type == .residual:
                activations = waiting + 3 * image + image / 4
            case .block(let stage, _):
                scratch.add(
                    config.stages[stage], config, height: height, width: width,
                    isInt8: isInt8("\(layer.prefixes[0])conv_out.conv_point"))
                activations = image + scratch.bytes
            case .local(let stage):
                activations = image + image / 4 + rings(config, from: stage, height, width, bandRows)
            case .output:
                let scale = config.outUpsamples ? 4 : 1
                activations = 2 * image + 4 * scale * height * width * config.imageChannels
            }
            layers.append(Layer(weights: weights.bytes(names), activations: activations))
            named += names
        }
        let rows = 4 * 3 * plan.drawnWidth * 64 + 8 * 3 * plan.width * 64
        return ComponentMemory(
            fixed: weights.bytes(of: .decoder, besides: named) + rows, layers: layers)
    }

    /// What local stages hold of their images, in floats and twice in int8, and a band of the picture.
    private static func rings(
        _ config: DecoderConfig, from first: Int, _ height: Int, _ width: Int, _ bandRows: Int
    ) -> Int {
        var (height, width, bandRows) = (height, width, bandRows)
        var bytes = 0
        for stage in config.stages[first...] {
            (height, width, bandRows) = (2 * height, 2 * width, 2 * bandRows)
            let held = LocalStages.heldRows(bandRows: bandRows, blocks: stage.blocks)
            bytes += min(held + 1, height + 2) * (width + 2) * stage.channels * 6
        }
        return bytes + 4 * bandRows * width * config.imageChannels
    }
}

/// What attention blocks hold of bands, each memory as large as the largest block so far has wanted it.
private struct DecoderScratchMemory {
    private var attention = 0
    private var feedForward = 0
    private var operands = 0
    /// What is normalized before it is added to the image, of both.
    private var products = 0

    /// Bytes.
    var bytes: Int { attention + feedForward + operands + products }

    mutating func add(
        _ stage: DecoderConfig.Stage, _ config: DecoderConfig, height: Int, width: Int, isInt8: Bool
    ) {
        let inner = config.heads(stage.channels) * config.headDimension
        let rows = MultiscaleAttention.bandRows(height: height, width: width)
        let halo = (stage.scales.max() ?? 1) / 2
        let copies = stage.scales.count
        let seen = min(height, rows + 2 * halo)
        attention = max(
            attention,
            4 * width * 2 * inner * (seen + rows * (copies == 0 ? 0 : copies + 1))
                + (isInt8 ? 1 : 8) * width * rows * (inner * (1 + copies) + stage.channels))
        let band = min(height, EfficientViTBlock.bandRows(width: width, hidden: 4 * stage.channels))
        products = max(products, 4 * max(rows, band) * width * stage.channels)
        let source = 4 * (band + 2) * width * stage.channels
        let hidden = band * width * 4 * stage.channels
        // In int8 hidden rows are quantized; in floating point the expanded rows are there whole.
        let more = isInt8 ? hidden : 4 * 2 * (band + 2) * width * 4 * stage.channels
        feedForward = max(feedForward, source + 4 * hidden + more)
        // int8 rows, of which some stay to be used again.
        operands = max(operands, (band + 2) * width * stage.channels * 2 + hidden)
    }
}
