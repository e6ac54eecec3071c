import SanaModel

/// Two sides that cannot be compared, or a record of a comparison that is not what it should be.
public enum QualityError: Failure, Equatable {
    case differentPlans(candidate: String, reference: String)
    case pictureCount(folder: String, found: Int, expected: Int)
    case clipNotFinite(folder: String, tensor: String)
    case clipMemory(folder: String, needed: Int, limit: Int)
    case clipAddresses(folder: String, needed: Int, left: Int, threads: Int)
    case differentSizes(candidate: String, reference: String, sizes: String)

    // The file of finished prompts.
    case notARecord(file: String, line: Int)
    case otherRun(file: String, what: String)
    case noRecords
    case otherShards(file: String, first: String)
    case missingShards(found: [Int], count: Int, missing: [Int])
    case sameShard(file: String, first: String, shard: Int)
    case unfinished(file: String, shard: Int, found: Int, expected: Int)
    case otherPrompts

    public var exitCode: ExitCode {
        switch self {
        case .clipMemory, .clipAddresses: .usage
        default: .badInput
        }
    }

    public var description: String {
        switch self {
        case .differentPlans(let candidate, let reference):
            """
            \(quoted(candidate)) and \(quoted(reference)) draw at different sizes or from different noise, so that \
            their pictures cannot be compared.
            """
        case .pictureCount(let folder, let found, let expected):
            """
            \(quoted(folder)) holds \(found) PNG files, and the prompts call for \(expected), one for each in the \
            order of their names.
            """
        case .clipNotFinite(let folder, let tensor):
            """
            The tensor \(quoted(tensor)) of the CLIP in \(quoted(folder)) holds NaN or infinity; download it again.
            """
        case .clipMemory(let folder, let needed, let limit):
            """
            The CLIP in \(quoted(folder)) does not fit the memory limit of \(limit / 1_000_000)M; the smallest that it \
            can be run with is \(needed / 1_000_000 + 1)M.
            """
        case .clipAddresses(let folder, let needed, let left, let threads):
            """
            The CLIP in \(quoted(folder)) needs \(needed / 1_000_000 + 1)M, and the limit on addresses (ulimit -v) leaves \
            \(left / 1_000_000)M beside \(threads) \(threads == 1 ? "thread" : "threads"); raise it, or use fewer \
            threads.
            """
        case .differentSizes(let candidate, let reference, let sizes):
            "\(quoted(candidate)) and \(quoted(reference)) have different sizes, \(sizes) pixels."
        case .notARecord(let file, let line):
            """
            \(quoted(file)), line \(line), is no record of a check; name another file, or take this one away to \
            begin again.
            """
        case .otherRun(let file, let what):
            """
            \(quoted(file)) records another check: \(what); name another file, or take this one away to begin again.
            """
        case .noRecords: "There is nothing to merge: name the files that the shards have written."
        case .otherShards(let file, let first):
            "\(quoted(file)) and \(quoted(first)) are not shards of one check."
        case .missingShards(let found, let count, let missing):
            """
            Of \(count) shards \(found.count) are there; missing: \
            \(missing.prefix(20).map(String.init).joined(separator: ", "))\(missing.count > 20 ? ", …" : "").
            """
        case .sameShard(let file, let first, let shard):
            "\(quoted(file)) and \(quoted(first)) are both shard \(shard)."
        case .otherPrompts: "The shards record other prompts or seeds than those that they began with."
        case .unfinished(let file, let shard, let found, let expected):
            """
            \(quoted(file)), shard \(shard), has \(found) of its \(expected) prompts; run it again and it goes on \
            from there.
            """
        }
    }
}
