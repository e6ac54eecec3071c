import SanaModel

/// One block: linear self-attention, cross-attention to the prompt, Mix-FFN (Sana, arXiv 2410.10629 §2.2).
struct TransformerBlock {
    let name: String
    let table: ModulationTable
    let selfAttention: SelfAttention
    let crossAttention: CrossAttention
    let feedForward: FeedForward

    /// How the names of a block's tensors begin.
    static func prefix(_ index: Int) -> String { "transformer_blocks.\(index)." }

    init(_ index: Int, _ config: TransformerConfig, loader: WeightLoader) throws {
        let block = "transformer_blocks.\(index)"
        name = "transformer.\(block)"
        table = ModulationTable(
            rows: try loader.vector("\(block).scale_shift_table"),
            attentionFactors: try loader.inputFactors("\(block).attn1"),
            feedForwardFactors: try loader.inputFactors("\(block).ff"))
        selfAttention = try SelfAttention(block, config, loader: loader)
        crossAttention = try CrossAttention(block, config, loader: loader)
        feedForward = try FeedForward(block, config, loader: loader)
    }

    /// Moves `x` (batch · tokens, width) through the block, one element of the batch for each of `contexts`.
    ///
    /// - Parameter isFirst: the elements of the batch are all alike before they meet their prompts, and only the first
    ///   one has been written: self-attention runs for all of them once.
    func callAsFunction(
        _ x: Matrix, _ modulation: Modulation, contexts: [PromptContext.Block], isFirst: Bool,
        scratch: TransformerScratch, compute: Compute
    ) throws {
        let grid = scratch.grid
        let distinct = isFirst ? x.rows(grid.rows(0)) : x
        try selfAttention(distinct, modulation, scratch, compute)
        if isFirst {
            for element in contexts.indices.dropFirst() { x.rows(grid.rows(element)).copy(distinct) }
        }
        for (element, context) in contexts.enumerated() {
            try crossAttention(x.rows(grid.rows(element)), context, scratch, compute)
        }
        try feedForward(x, modulation, scratch, compute)
        try compute.measured("check") { try compute.checkFinite(x, layer: name) }
    }
}
