/// Which pairs of tokens merge, into what, and in which order.
///
/// The right sides of each left token's merges are sorted, one list behind the other.
public struct MergeTable: Sendable, Equatable {
    /// Gemma 2 has 580 604 merges.
    public static let limit = 1 << 22

    /// A pair of ids, in the order in which merges were learnt.
    struct Pair: Equatable {
        let left: UInt32
        let right: UInt32
    }

    /// Where each left token's merges begin, and where the last end. (tokens + 1)
    private let starts: [UInt32]
    private let rights: [UInt32]
    private let ranks: [UInt32]
    /// What a merge makes, by its rank.
    private let results: [UInt32]

    public var count: Int { rights.count }

    /// The rank of a pair's merge; nil where the two do not merge. Merges of lower rank come first.
    public func rank(_ left: UInt32, _ right: UInt32) -> UInt32? {
        guard left < starts.count - 1 else { return nil }
        let end = Int(starts[Int(left) + 1])
        var low = Int(starts[Int(left)])
        var high = end
        while low < high {
            let middle = (low + high) / 2
            if rights[middle] < right {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < end && rights[low] == right ? ranks[low] : nil
    }

    /// The token that the merge of a rank makes.
    public func result(ofRank rank: UInt32) -> UInt32 { results[Int(rank)] }

    /// All pairs that merge, in no order that matters.
    package func forEachPair(_ body: (_ left: UInt32, _ right: UInt32) -> Void) {
        for left in 0..<starts.count - 1 {
            for index in Int(starts[left])..<Int(starts[left + 1]) { body(UInt32(left), rights[index]) }
        }
    }

    /// The merges in the order of their ranks.
    var pairs: [Pair] {
        var pairs = Array(repeating: Pair(left: 0, right: 0), count: count)
        for left in 0..<starts.count - 1 {
            for index in Int(starts[left])..<Int(starts[left + 1]) {
                pairs[Int(ranks[index])] = Pair(left: UInt32(left), right: rights[index])
            }
        }
        return pairs
    }

    /// Sorts the pairs and finds what each makes: the token whose bytes are those of the two. Each merge leaves one
    /// token fewer, so that no merges can run in a circle.
    ///
    /// - Parameters:
    ///   - baseCount: how many of the vocabulary's tokens may merge, among them those of all pairs.
    ///   - index: has these tokens.
    /// - Throws: `TokenizerError.mergeIntoUnknownToken`, `TokenizerError.duplicateMerge`.
    init(_ pairs: [Pair], vocabulary: Vocabulary, baseCount: Int, index: TokenIndex, file: String) throws {
        var results: [UInt32] = []
        results.reserveCapacity(pairs.count)
        var joined: [UInt8] = []
        for (rank, pair) in pairs.enumerated() {
            joined.removeAll(keepingCapacity: true)
            joined += vocabulary[Int(pair.left)]
            joined += vocabulary[Int(pair.right)]
            guard let result = index.find(joined[...], in: vocabulary) else {
                throw TokenizerError.mergeIntoUnknownToken(
                    file: file, merge: rank, token: String(decoding: joined, as: UTF8.self))
            }
            results.append(UInt32(result))
        }
        // Pair and rank in one number: left tokens fit 20 bits, right tokens 20, ranks 22.
        var keys = pairs.enumerated().map { rank, pair in
            UInt64(pair.left) << 42 | UInt64(pair.right) << 22 | UInt64(rank)
        }
        keys.sort()
        var starts = Array(repeating: 0 as UInt32, count: baseCount + 1)
        for (position, key) in keys.enumerated() {
            if position > 0, keys[position - 1] >> 22 == key >> 22 {
                throw TokenizerError.duplicateMerge(file: file, merge: Int(key & (1 << 22 - 1)))
            }
            starts[Int(key >> 42) + 1] += 1
        }
        for left in 0..<baseCount { starts[left + 1] += starts[left] }
        self.starts = starts
        self.rights = keys.map { UInt32($0 >> 22 & (1 << 20 - 1)) }
        self.ranks = keys.map { UInt32($0 & (1 << 22 - 1)) }
        self.results = results
    }
}
