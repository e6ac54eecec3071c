import SanaModel

/// The tokens of a batch: rows of pictures, one picture after the other.
struct TokenGrid: Sendable {
    let batch: Int
    /// Rows and columns of tokens in one picture.
    let height: Int
    let width: Int

    var tokens: Int { height * width }

    func rows(_ element: Int) -> Range<Int> { element * tokens..<(element + 1) * tokens }

    /// The elements of the batch that some rows belong to, with each one's share of them.
    func elements(of rows: Range<Int>) -> [(element: Int, rows: Range<Int>)] {
        guard !rows.isEmpty else { return [] }
        return (rows.lowerBound / tokens...(rows.upperBound - 1) / tokens).map { element in
            (element, rows.clamped(to: self.rows(element)))
        }
    }
}

/// The activations of a pass, reused by every block and made when they are first wanted: floats that are quantized as
/// soon as they are computed never are.
package final class TransformerScratch {
    let grid: TokenGrid
    let gatedConvolution = GatedConvolutionScratch()
    private let config: TransformerConfig

    /// The residual stream.
    private(set) lazy var tokens = stream(config.width)  // (batch · tokens, width)
    private(set) lazy var normalized = stream(config.width)
    private(set) lazy var queries = stream(config.width)
    private(set) lazy var keys = stream(config.width)
    private(set) lazy var values = stream(config.width)
    private(set) lazy var mixed = stream(config.width)
    private(set) lazy var crossQueries = Matrix(rows: grid.tokens, columns: config.crossWidth)
    private(set) lazy var crossMixed = Matrix(rows: grid.tokens, columns: config.crossWidth)

    init(_ config: TransformerConfig, _ grid: TokenGrid) {
        self.config = config
        self.grid = grid
    }

    private func stream(_ columns: Int) -> Matrix { Matrix(rows: grid.batch * grid.tokens, columns: columns) }
}
