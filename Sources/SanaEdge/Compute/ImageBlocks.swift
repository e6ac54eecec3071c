/// Rows of an image cut into blocks, each so small that what a convolution makes of it stays in a core's cache until the
/// operation behind has read it, and so large that reading the weights costs little.
struct ImageBlocks: Sendable {
    struct Block {
        let rows: Range<Int>
        let pixels: Range<Int>

        var count: Int { rows.count * pixels.count }
    }

    /// Pixels of a block, about; more where the tier keeps panels while rows pass by.
    private static let blockPixels = 128
    private static let passingPixels = 512
    /// Few pixels make this many blocks, where that leaves them this large.
    private static let leastBlocks = 16
    private static let leastPixels = 32

    private let rows: Range<Int>
    private let width: Int
    private let blockHeight: Int
    private let blockWidth: Int
    private let blocksPerRow: Int

    /// - Parameter tile: rows that a product computes at once.
    init(rows: Range<Int>, width: Int, tile: Int, keepsPanels: Bool) {
        (self.rows, self.width) = (rows, width)
        let most = keepsPanels ? Self.passingPixels : Self.blockPixels
        let wanted = min(most, max(Self.leastPixels, rows.count * width / Self.leastBlocks))
        let parts = max(1, width / wanted)
        let even = (width + parts - 1) / parts
        blockWidth = parts == 1 ? width : (even + tile - 1) / tile * tile
        blocksPerRow = max(1, (width + blockWidth - 1) / max(blockWidth, 1))
        blockHeight = max(1, wanted / max(blockWidth, 1))
    }

    /// Pixels in the largest block.
    var largest: Int { blockHeight * blockWidth }

    var count: Int { (rows.count + blockHeight - 1) / blockHeight * blocksPerRow }

    subscript(_ index: Int) -> Block {
        let row = rows.lowerBound + index / blocksPerRow * blockHeight
        let pixel = index % blocksPerRow * blockWidth
        return Block(
            rows: row..<min(rows.upperBound, row + blockHeight),
            pixels: pixel..<min(width, pixel + blockWidth))
    }
}
