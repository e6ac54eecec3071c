import SanaModel

/// Merges the tokens of one stretch of text: a heap of the pairs that can merge, and the tokens where they began.
///
/// The order is that of the tokenizers library: the lowest rank first, of those the leftmost; and a pair that has
/// changed since it was entered still merges at its old rank if it makes the same token.
package struct PairMerger {
    private static let removed = UInt32.max

    private let merges: MergeTable
    private var tokens: [UInt32] = []
    /// How many of the first tokens a token has grown from, at its first and at its last place: so both neighbours
    /// of a token are found without links.
    private var spans: [UInt32] = []
    /// Rank and position in one number, the least first.
    private var heap: [UInt64] = []

    package init(merges: MergeTable) {
        self.merges = merges
    }

    package mutating func append(_ token: UInt32) {
        tokens.append(token)
    }

    /// Merges what was appended, moves the tokens to `output` and is empty again.
    package mutating func merge(appendingTo output: inout [Int32]) {
        if tokens.count > 1 { mergeAll() }
        for token in tokens where token != Self.removed { output.append(Int32(token)) }
        tokens.removeAll(keepingCapacity: true)
    }

    private mutating func mergeAll() {
        let count = tokens.count
        spans = Array(repeating: 1, count: count)
        heap.reserveCapacity(count)
        for position in 0..<count - 1 { enter(position, position + 1) }
        while let entry = takeLeast() {
            let position = Int(entry & 0xFFFF_FFFF)
            guard tokens[position] != Self.removed else { continue }
            let neighbour = position + Int(spans[position])
            guard neighbour < count else { continue }
            let result = merges.result(ofRank: UInt32(entry >> 32))
            guard let rank = merges.rank(tokens[position], tokens[neighbour]),
                merges.result(ofRank: rank) == result
            else { continue }
            tokens[position] = result
            tokens[neighbour] = Self.removed
            let span = spans[position] + spans[neighbour]
            let end = position + Int(span)
            spans[position] = span
            spans[end - 1] = span
            if position > 0 { enter(position - Int(spans[position - 1]), position) }
            if end < count { enter(position, end) }
        }
    }

    // MARK: The heap: the children of place i are those from 4 i + 1 to 4 i + 4

    /// Enters a pair of neighbours, if they merge.
    private mutating func enter(_ left: Int, _ right: Int) {
        guard let rank = merges.rank(tokens[left], tokens[right]) else { return }
        let entry = UInt64(rank) << 32 | UInt64(left)
        var hole = heap.count
        heap.append(entry)
        while hole > 0, entry < heap[(hole - 1) / 4] {
            heap[hole] = heap[(hole - 1) / 4]
            hole = (hole - 1) / 4
        }
        heap[hole] = entry
    }

    private mutating func takeLeast() -> UInt64? {
        guard let least = heap.first, let entry = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return least }
        var hole = 0
        while 4 * hole + 1 < heap.count {
            var child = 4 * hole + 1
            for other in child + 1..<min(child + 4, heap.count) where heap[other] < heap[child] {
                child = other
            }
            guard heap[child] < entry else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = entry
        return least
    }
}
