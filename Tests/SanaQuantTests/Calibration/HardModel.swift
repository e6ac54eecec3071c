import SanaModel
import TestSupport
import Testing

/// The reference model with some channels scaled by 20 to 100, up and down, and whatever reads them scaled back: the
/// same function, on which one scale a row does badly.
struct HardModel {
    let copy: CheckpointCopy
    var path: String { copy.path }

    /// One channel of so many is scaled.
    private static let spacing = 64
    private static let factors: [Float] = [50, 1 / 32, 20, 100, 1 / 50]

    init() throws {
        copy = try CheckpointCopy()
        let config = try Self.transformer()
        try copy.editWeights(.transformer) { weights in
            for layer in 0..<config.layers {
                let block = "transformer_blocks.\(layer)"
                for attention in ["attn1", "attn2"] {
                    let channels = Self.channels(
                        of: attention == "attn1" ? config.width : config.crossWidth,
                        from: 5 + layer)
                    try weights.scaleRows("\(block).\(attention).to_v.weight", channels)
                    if attention == "attn2" {
                        try weights.scaleRows("\(block).\(attention).to_v.bias", channels)
                    }
                    try weights.scaleColumns("\(block).\(attention).to_out.0.weight", channels, inverse: true)
                }
                try Self.scaleValues(
                    &weights, "\(block).ff", Self.channels(of: config.hiddenChannels, from: layer))
            }
            try Self.scaleModulation(&weights, config)
        }
        try copy.editWeights(.decoder) { weights in
            for name in weights.tensors.keys.sorted() where name.hasSuffix(".conv_point.weight") {
                let hidden = try #require(weights.tensors[name]).shape[1]
                try Self.scaleValues(
                    &weights, String(name.dropLast(".conv_point.weight".count)),
                    Self.channels(of: hidden, from: 7))
            }
        }
    }

    private static func transformer() throws -> TransformerConfig {
        let name = "transformer/config.json"
        let path = "\(CheckpointCopy.original)/\(name)"
        return try TransformerConfig(
            json: JSON.parse(try readWholeFile(path, limit: 1 << 20), name: name), file: name)
    }

    private static func channels(of count: Int, from first: Int) -> [Int: Float] {
        var channels: [Int: Float] = [:]
        for (index, channel) in stride(from: first, to: count, by: spacing).enumerated() {
            channels[channel] = factors[(index + first) % factors.count]
        }
        return channels
    }

    /// The values' half of a depthwise convolution, whose gates come second.
    private static func scaleValues(
        _ weights: inout Safetensors, _ name: String, _ channels: [Int: Float]
    ) throws {
        try weights.scaleRows("\(name).conv_depth.weight", channels)
        try weights.scaleRows("\(name).conv_depth.bias", channels)
        try weights.scaleColumns("\(name).conv_point.weight", channels, inverse: true)
    }

    /// (1 + scale) f = 1 + scale' and shift f: the rows that all blocks share and each block's own.
    private static func scaleModulation(_ weights: inout Safetensors, _ config: TransformerConfig) throws {
        let width = config.width
        for (part, shiftRow, scaleRow) in [
            (["attn1.to_q", "attn1.to_k", "attn1.to_v"], 0, 1), (["ff.conv_inverted"], 3, 4),
        ] {
            let channels = channels(of: width, from: 11 + shiftRow)
            var rows: [Int: Float] = [:]
            for (channel, factor) in channels {
                for row in [shiftRow, scaleRow] { rows[row * width + channel] = factor }
            }
            try weights.scaleRows("time_embed.linear.weight", rows)
            try weights.scaleRows("time_embed.linear.bias", rows)
            for layer in 0..<config.layers {
                let block = "transformer_blocks.\(layer)"
                try weights.edit("\(block).scale_shift_table") { values in
                    for (channel, factor) in channels {
                        values[shiftRow * width + channel] *= factor
                        let scale = values[scaleRow * width + channel]
                        values[scaleRow * width + channel] = factor * scale + factor - 1
                    }
                }
                for name in part {
                    try weights.scaleColumns("\(block).\(name).weight", channels, inverse: true)
                }
            }
        }
    }
}

extension Safetensors {
    mutating func edit(_ name: String, _ change: (inout [Float]) -> Void) throws {
        var tensor = try #require(tensors[name])
        var values = tensor.values
        change(&values)
        tensor.values = values
        tensors[name] = tensor
    }

    mutating func scaleRows(_ name: String, _ factors: [Int: Float]) throws {
        let rows = try #require(tensors[name]).shape[0]
        try edit(name) { values in
            let columns = values.count / rows
            for (row, factor) in factors {
                for index in row * columns..<(row + 1) * columns { values[index] *= factor }
            }
        }
    }

    mutating func scaleColumns(_ name: String, _ factors: [Int: Float], inverse: Bool) throws {
        let columns = try #require(tensors[name]).shape[1]
        try edit(name) { values in
            for (column, factor) in factors {
                for index in stride(from: column, to: values.count, by: columns) {
                    values[index] *= inverse ? 1 / factor : factor
                }
            }
        }
    }
}
