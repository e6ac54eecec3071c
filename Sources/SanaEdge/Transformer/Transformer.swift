import SanaModel

/// Sana's denoiser (arXiv 2410.10629 §2.2): noisy latents, a timestep and prompts in, velocities out.
package final class Transformer {
    package let config: TransformerConfig
    private let compute: Compute
    private let captionLinear1: Linear  // (width, captionChannels)
    private let captionLinear2: Linear  // (width, width)
    private let captionNorm: RMSNorm
    private let patch: Linear  // (width, inChannels · p · p)
    private let timeEmbedding: TimeEmbedding
    private let promptProjections: LayerSequence<PromptProjection>
    private let blocks: LayerSequence<TransformerBlock>
    private let outTable: Buffer<Float>  // (2, width): shift, scale
    private let out: Linear  // (p · p · outChannels, width)

    /// - Parameters:
    ///   - kept: how many blocks stay in memory; the others are read in each pass.
    ///   - keepsPromptProjections: whether what prompts alone need does, too.
    package init(
        _ config: TransformerConfig, loader: WeightLoader, keeping kept: Int = .max,
        keepsPromptProjections: Bool = true
    ) throws {
        self.config = config
        compute = loader.compute
        captionLinear1 = try loader.linear("caption_projection.linear_1", bias: true)
        captionLinear2 = try loader.linear("caption_projection.linear_2", bias: true)
        captionNorm = RMSNorm(weight: try loader.vector("caption_norm.weight"), bias: nil, epsilon: 1e-5)
        patch = try loader.linear("patch_embed.proj", bias: true)
        timeEmbedding = try TimeEmbedding(config, loader: loader)
        promptProjections = try LayerSequence(
            count: config.layers, keeping: keepsPromptProjections ? .max : 0, loader: loader,
            names: { TensorNames(PromptProjection.prefixes($0)) },
            { try PromptProjection("transformer_blocks.\($0)", config, loader: $1) })
        blocks = try LayerSequence(
            count: config.layers, keeping: kept, loader: loader,
            names: { TensorNames([TransformerBlock.prefix($0)], besides: PromptProjection.prefixes($0)) },
            { try TransformerBlock($0, config, loader: $1) })
        outTable = try loader.vector("scale_shift_table")
        out = try loader.linear("proj_out", bias: true)
        try loader.finish()
    }

    /// Prepares a prompt's hidden states (tokens, captionChannels) for any number of passes.
    package func context(text: Matrix) throws -> PromptContext {
        let hidden = try compute.linear(text, captionLinear1, .geluTanh)
        let caption = try compute.linear(hidden, captionLinear2)  // (tokens, width)
        compute.normalize(caption, captionNorm, into: caption)
        var blocks: [PromptContext.Block] = []
        try promptProjections.inTurn { _, project in blocks.append(try project(caption, compute: compute)) }
        return PromptContext(blocks: blocks)
    }

    /// Buffers for passes over latents of `height` x `width` with `batch` prompts each.
    package func scratch(batch: Int, height: Int, width: Int) -> TransformerScratch {
        TransformerScratch(
            config,
            TokenGrid(batch: batch, height: height / config.patchSize, width: width / config.patchSize))
    }

    /// One velocity for each of `contexts`, laid out like `latents`.
    ///
    /// - Parameters:
    ///   - latents: (inChannels, height, width), channels first as checkpoints and seeds have them.
    ///   - step: is called after each block.
    package func callAsFunction(
        _ latents: [Float], timestep: Float, guidance: Float = 0, contexts: [PromptContext],
        scratch: TransformerScratch, step: () throws -> Void = {}
    ) throws -> [[Float]] {
        let grid = scratch.grid
        let x = scratch.tokens
        try embed(latents, grid, into: x.rows(grid.rows(0)))
        let (embedded, shared) = try timeEmbedding(
            timestep: timestep, guidance: guidance, compute: compute)
        try blocks.inTurn { index, block in
            try block(
                x, Modulation(table: block.table, shared: shared),
                contexts: contexts.map { $0.blocks[index] }, isFirst: index == 0, scratch: scratch,
                compute: compute)
            try step()
        }
        let velocity = try project(x, embedded, scratch)
        return contexts.indices.map { unpatch(velocity.rows(grid.rows($0)), grid) }
    }

    /// Patches of the latents to tokens (tokens, width).
    private func embed(_ latents: [Float], _ grid: TokenGrid, into x: Matrix) throws {
        let p = config.patchSize
        let (rows, columns) = (grid.height, grid.width)
        let (height, width) = (rows * p, columns * p)
        var patches: [Float] = []  // (tokens, inChannels · p · p)
        patches.reserveCapacity(latents.count)
        for row in 0..<rows {
            for column in 0..<columns {
                for channel in 0..<config.inChannels {
                    for y in row * p..<(row + 1) * p {
                        let start = (channel * height + y) * width + column * p
                        patches += latents[start..<start + p]
                    }
                }
            }
        }
        let matrix = Matrix(rows: rows * columns, columns: config.inChannels * p * p, patches)
        try compute.linear(matrix, patch, into: x)
        if let scale = config.interpolationScale {
            compute.add(
                PositionalEmbedding.grid(
                    rows: rows, columns: columns, width: config.width, baseSize: config.sampleSize / p,
                    scale: scale),
                into: x)
        }
    }

    /// The final modulated normalization and projection: (batch · tokens, p · p · outChannels).
    private func project(_ x: Matrix, _ embedded: Matrix, _ scratch: TransformerScratch) throws -> Matrix {
        let width = config.width
        let (table, embedding) = (outTable.array, embedded.array)
        let shift = Buffer((0..<width).map { table[$0] + embedding[$0] })
        let scale = Buffer((0..<width).map { table[width + $0] + embedding[$0] })
        let operand = try compute.layerNormOperand(
            x, epsilon: 1e-6, weight: nil, bias: nil, scale: scale, shift: shift, for: [out],
            floats: scratch.normalized)
        let velocity = Matrix(rows: x.rows, columns: out.outputs)
        compute.linear(operand, out, into: velocity)
        return velocity
    }

    /// Tokens (tokens, p · p · outChannels) back to (inChannels, height, width); a predicted variance is dropped.
    private func unpatch(_ tokens: Matrix, _ grid: TokenGrid) -> [Float] {
        let p = config.patchSize
        let (height, width) = (grid.height * p, grid.width * p)
        let values = tokens.array
        var latents = [Float](repeating: 0, count: config.inChannels * height * width)
        for token in 0..<tokens.rows {
            let (row, column) = (token / grid.width, token % grid.width)
            for y in 0..<p {
                for x in 0..<p {
                    let source = token * tokens.columns + (y * p + x) * config.outChannels
                    for channel in 0..<config.inChannels {
                        latents[(channel * height + row * p + y) * width + column * p + x] =
                            values[source + channel]
                    }
                }
            }
        }
        return latents
    }
}
