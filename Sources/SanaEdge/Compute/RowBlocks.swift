import Synchronization

/// A flag that many threads may clear.
final class SharedFlag: Sendable {
    private let flag = Atomic<Bool>(true)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func clear() { flag.store(false, ordering: .relaxed) }
}

extension Compute {
    /// Numbers that one part of row-by-row work handles: enough to be worth handing out.
    private static let blockSize = 32768

    /// Cuts rows into blocks and calls `body` with each, on all threads.
    func forEachBlock(rows: Int, of columns: Int, _ body: @Sendable (Range<Int>) -> Void) {
        let height = max(1, Compute.blockSize / max(columns, 1))
        parallel((rows + height - 1) / height) { block in
            body(block * height..<min(rows, (block + 1) * height))
        }
    }

    /// The same; whether `body` was true for all blocks.
    func allOf(rows: Int, of columns: Int, _ body: @Sendable (Range<Int>) -> Bool) -> Bool {
        let all = SharedFlag()
        forEachBlock(rows: rows, of: columns) { rows in
            if !body(rows) { all.clear() }
        }
        return all.isSet
    }
}
