import SanaModel

/// Where a run keeps its record.
public struct RecordPlace: Sendable {
    public let path: String
    /// Whether the user named it. A place of the tool's own is begun anew where it holds something else, and is not
    /// missed where it cannot be had.
    public let isChosen: Bool

    public init(path: String, isChosen: Bool) {
        self.path = path
        self.isChosen = isChosen
    }
}

/// A record that is kept on the disk while it grows.
struct KeptRecord {
    private(set) var record: QualityRecord
    private let journal: Journal?

    /// Opens the record of a run that was stopped, or begins one.
    ///
    /// - Parameters:
    ///   - prompts: of the comparison, all shards'.
    ///   - note: takes a sentence for the user.
    /// - Throws: `JournalError`, `FileError`, `QualityError`.
    init(
        _ fresh: QualityRecord, of prompts: [QualityPrompt], at place: RecordPlace?, note: (String) -> Void
    ) throws {
        record = fresh
        guard let place else {
            journal = nil
            return
        }
        do {
            journal = try Journal(path: place.path, sizeLimit: QualityRecord.sizeLimit)
        } catch let error as JournalError where !place.isChosen && error.exitCode == .cannotCreate {
            note(
                "\(error) Should this run be stopped, it has to begin again; --state names another place.")
            journal = nil
            return
        }
        guard let kept = journal else { return }
        if kept.lines.isEmpty, fresh.header.utf8.starts(with: kept.rest) {
            try kept.append(fresh.header)
            return
        }
        do {
            let found = try QualityRecord(lines: kept.lines, path: place.path)
            if let difference = fresh.subject.difference(from: found.subject) {
                throw QualityError.otherRun(file: place.path, what: difference)
            }
            guard found.shard == fresh.shard else {
                throw QualityError.otherRun(
                    file: place.path, what: "it is shard \(found.shard.index)/\(found.shard.count)")
            }
            guard found.isOf(prompts) else {
                throw QualityError.otherRun(file: place.path, what: "it has other prompts or seeds")
            }
            record = found
            if !found.results.isEmpty {
                note("Goes on from \(found.results.count) finished prompts in \(quoted(place.path)).")
            }
        } catch let error as QualityError where !place.isChosen {
            note("Begins again: \(quoted(place.path)) is of no use here (\(error.cause)).")
            try kept.clear()
            try kept.append(fresh.header)
        }
    }

    mutating func add(_ result: QualityResult) throws {
        try journal?.append(result.json.serialized())
        record.add(result)
    }

    /// Takes the file away.
    func remove() { journal?.remove() }
}

extension QualityError {
    fileprivate var cause: String {
        switch self {
        case .otherRun(_, let what): what
        default: "it is damaged"
        }
    }
}
