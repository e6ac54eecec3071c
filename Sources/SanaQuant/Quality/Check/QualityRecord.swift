import SanaModel

/// What a comparison has finished so far, as lines of JSON: what is compared, then one prompt a line.
public struct QualityRecord: Sendable {
    /// What is compared: the same in every part of one comparison.
    public struct Subject: Sendable, Equatable {
        /// Hashes of what the figures depend on.
        let key: JSON
        /// Prompts in all.
        public let prompts: Int
        public let about: QualityReport.About

        init(pairs: any PicturePairs, clip: CLIPFolder, prompts: [QualityPrompt], machine: JSON) throws {
            let clipHash = try clip.fingerprint()
            key = [
                "candidate": .string(hexadecimal(pairs.fingerprints.candidate)),
                "reference": .string(hexadecimal(pairs.fingerprints.reference)),
                "clip": .string(hexadecimal(clipHash)),
                "prompts": .string(hexadecimal(QualityPrompt.fingerprint(prompts))),
                "settings": pairs.settings,
            ]
            self.prompts = prompts.count
            about = QualityReport.About(
                candidate: pairs.candidate, reference: pairs.reference, clip: .string(clip.path),
                settings: pairs.settings, machine: machine)
        }

        fileprivate init?(_ json: JSON) {
            guard json["format"] == QualityRecord.format, let key = json["key"], key.objectValue != nil,
                let prompts = json["prompts"]?.intValue, (1...QualityRecord.promptLimit).contains(prompts),
                let about = json["about"]
            else { return nil }
            self.key = key
            self.prompts = prompts
            self.about = QualityReport.About(about)
        }

        /// Whether it is a comparison of these prompts.
        func isOf(_ prompts: [QualityPrompt]) -> Bool {
            key["prompts"] == .string(hexadecimal(QualityPrompt.fingerprint(prompts)))
        }

        /// What the other has that this has not, in words; nil where they are one comparison.
        func difference(from other: Subject) -> String? {
            if prompts != other.prompts { return "it has \(other.prompts) prompts, and this one \(prompts)" }
            let names = [
                ("candidate", "the candidate"), ("reference", "the reference"), ("clip", "the CLIP model"),
                ("prompts", "a prompt or a seed"), ("settings", "the size, the steps or the guidance"),
            ]
            let different = names.filter { key[$0.0] != other.key[$0.0] }.map(\.1)
            return different.isEmpty ? nil : "\(different.joined(separator: ", ")) differs"
        }

        public static func == (left: Subject, right: Subject) -> Bool {
            left.prompts == right.prompts && left.key == right.key
        }
    }

    public let subject: Subject
    public let shard: Shard
    public private(set) var results: [QualityResult] = []

    static let format: JSON = "sana-quant check 1"
    static let promptLimit = 10_000_000
    static let sizeLimit = 1 << 30

    init(subject: Subject, shard: Shard) {
        self.subject = subject
        self.shard = shard
    }

    /// Reads what a run has written.
    ///
    /// - Throws: `FileError`, `QualityError.notARecord`.
    public init(path: String) throws {
        let bytes = try readWholeFile(path, limit: Self.sizeLimit)
        // A run that was killed may have left a line cut short.
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? []
        try self.init(lines: whole.split(separator: UInt8(ascii: "\n")).map(Array.init), path: path)
    }

    /// - Throws: `QualityError.notARecord`.
    init(lines: [[UInt8]], path: String) throws {
        guard let first = lines.first, let header = try? JSON.parse(first, name: path),
            let subject = Subject(header), let index = header["shard"]?["index"]?.intValue,
            let count = header["shard"]?["count"]?.intValue, (1...Shard.limit).contains(count),
            (1...count).contains(index)
        else { throw QualityError.notARecord(file: path, line: 1) }
        self.init(subject: subject, shard: Shard(index: index, count: count))
        var seen: Set<Int> = []
        for (number, line) in lines.enumerated().dropFirst() {
            guard let json = try? JSON.parse(line, name: path), let result = QualityResult(json),
                result.index < subject.prompts, shard.contains(result.index),
                seen.insert(result.index).inserted
            else { throw QualityError.notARecord(file: path, line: number + 1) }
            results.append(result)
        }
    }

    /// Whether what is recorded is of these prompts.
    func isOf(_ prompts: [QualityPrompt]) -> Bool {
        results.allSatisfy { $0.index < prompts.count && prompts[$0.index] == $0.prompt }
    }

    mutating func add(_ result: QualityResult) { results.append(result) }

    /// The prompts of this shard.
    var indices: [Int] { (0..<subject.prompts).filter(shard.contains) }

    var header: String {
        let json: JSON = [
            "format": Self.format, "key": subject.key,
            "shard": ["index": .integer(shard.index), "count": .integer(shard.count)],
            "prompts": .integer(subject.prompts), "about": subject.about.json,
        ]
        return json.serialized()
    }
}

extension QualityResult {
    /// With every digit.
    var json: JSON {
        var object = JSONObject()
        object["index"] = .integer(index)
        object["prompt"] = .string(prompt.string)
        if !prompt.negative.isEmpty {
            object["negative"] = .string(String(decoding: prompt.negative, as: UTF8.self))
        }
        object["seed"] = .integer(prompt.seed)
        for figure in Figure.allCases { object[figure.rawValue] = .number(figures[figure]) }
        return .object(object)
    }

    fileprivate init?(_ json: JSON) {
        guard let index = json["index"]?.intValue, index >= 0, let text = json["prompt"]?.stringValue,
            let seed = json["seed"]?.intValue, seed >= 0
        else { return nil }
        let values = Figure.allCases.compactMap { figure in
            json[figure.rawValue]?.doubleValue.flatMap { figure.range.contains($0) ? $0 : nil }
        }
        guard values.count == Figure.allCases.count else { return nil }
        let figures = Figures { values[$0.place] }
        let drop = figures[.scoreReference] - figures[.scoreCandidate]
        guard abs(figures[.drop] - drop) < 1e-6 else { return nil }
        self.init(
            index: index,
            prompt: QualityPrompt(
                text: Array(text.utf8), negative: Array((json["negative"]?.stringValue ?? "").utf8),
                seed: seed),
            figures: figures)
    }
}
