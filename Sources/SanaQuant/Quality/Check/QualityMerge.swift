import SanaModel

/// The shards of one comparison, put together.
public enum QualityMerge {
    /// - Parameter paths: the shards' records, in any order.
    /// - Throws: `FileError`, `QualityError`.
    public static func report(_ paths: [String], gates: QualityGates) throws -> QualityReport {
        let records = try paths.map { try QualityRecord(path: $0) }
        guard let first = records.first else { throw QualityError.noRecords }
        var owners: [Int: String] = [:]
        for (path, record) in zip(paths, records) {
            guard record.subject == first.subject, record.shard.count == first.shard.count else {
                throw QualityError.otherShards(file: path, first: paths[0])
            }
            if let owner = owners.updateValue(path, forKey: record.shard.index) {
                throw QualityError.sameShard(file: path, first: owner, shard: record.shard.index)
            }
            guard record.results.count == record.indices.count else {
                throw QualityError.unfinished(
                    file: path, shard: record.shard.index, found: record.results.count,
                    expected: record.indices.count)
            }
        }
        let missing = (1...first.shard.count).filter { owners[$0] == nil }
        guard missing.isEmpty else {
            throw QualityError.missingShards(
                found: owners.keys.sorted(), count: first.shard.count, missing: missing)
        }
        let report = QualityReport(records.flatMap(\.results), about: first.subject.about, gates: gates)
        guard first.subject.isOf(report.results.map(\.prompt)) else { throw QualityError.otherPrompts }
        return report
    }
}
