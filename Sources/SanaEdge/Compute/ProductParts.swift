import QuantKernels

/// How an int8 product is cut into parts, blocks of rows by spans of panels, so that what a part reads again and again
/// stays in a core's cache: the rows, while panels pass by, or, where the tier keeps panels, these, while rows do. How it
/// is cut does not show in the result, which is exact up to the epilogue of each element.
struct ProductParts: Sendable {
    struct Part {
        let rows: Range<Int>
        let columns: Range<Int>
    }

    /// Rows that a part has at most where rows pass by. This and all that follows is measured.
    static let passingRows = 512

    /// Rows that a part has at most where they stay, 96 to 168: so many that they leave room in a core's cache for the
    /// panels that pass by.
    static func stayingRows(bytesOfRow: Int, tile: Int) -> Int {
        let rows = min(max(294_912 / max(bytesOfRow, 1), 96), 168)
        return max(rows / tile, 1) * tile
    }

    /// Of a part, but for the last ones.
    let height: Int
    let width: Int
    private let rows: Int
    private let columns: Int
    /// Whether blocks of rows follow each other for each span, rather than spans for each block.
    private let spansAreOuter: Bool
    private let blocks: Int
    private let spans: Int

    private init(
        rows: Int, mostRows: Int, tile: Int, columns: Int, width: (_ blocks: Int) -> Int, spansAreOuter: Bool
    ) {
        (self.rows, self.columns, self.spansAreOuter) = (rows, columns, spansAreOuter)
        let even = max(1, (rows + mostRows - 1) / mostRows)
        height = max(1, ((rows + even - 1) / even + tile - 1) / tile * tile)
        blocks = (rows + height - 1) / height
        self.width = width(even)
        spans = (columns + self.width - 1) / self.width
    }

    init(_ x: QuantizedRows, rows: Int, _ panels: Panels, threads: Int, kernels: qk_tier) {
        let keepsPanels = unsafe kernels.keeps_panels
        let tile = unsafe kernels.tile_rows
        // The threads finish together where the parts are many, and alike.
        let (mostColumns, partsOfThread) = keepsPanels ? (128, 6) : (256, 64)
        self.init(
            rows: rows,
            mostRows: keepsPanels ? Self.passingRows : Self.stayingRows(bytesOfRow: x.stride, tile: tile),
            tile: tile, columns: panels.outputs,
            width: { blocks in
                let wanted = (partsOfThread * threads + blocks - 1) / blocks
                return max(1, min(mostColumns / panels.width, panels.count / wanted)) * panels.width
            },
            spansAreOuter: false)
    }

    /// Of a product with digits: all rows are multiplied with a span before the next one is read.
    init(digits x: DigitRows, _ panels: Panels, kernels: qk_tier) {
        self.init(
            rows: x.rows, mostRows: unsafe kernels.keeps_panels ? Self.passingRows : 104,
            tile: unsafe kernels.tile_rows, columns: panels.outputs,
            width: { _ in max(1, 128 / panels.width) * panels.width }, spansAreOuter: true)
    }

    var count: Int { blocks * spans }

    subscript(_ index: Int) -> Part {
        let row = (spansAreOuter ? index % blocks : index / spans) * height
        let column = (spansAreOuter ? index / blocks : index % spans) * width
        return Part(rows: row..<min(row + height, rows), columns: column..<min(column + width, columns))
    }
}
