import SanaEdge
import SanaModel

/// Compares two sides prompt by prompt: pictures of both, what CLIP sees in them, what differs between them.
///
/// Prompts run in batches, so that weights are loaded once for several; a batch grows until it takes about a minute,
/// which is what a run that is killed loses.
public struct QualityCheck {
    private let pairs: any PicturePairs
    private let clip: CLIPFolder
    private let prompts: [QualityPrompt]
    private let compute: Compute
    public var shard = Shard.whole
    public var gates = QualityGates()
    /// Where pictures and figures go.
    public var report: ReportFolder?

    /// Prompts whose pictures are in memory together, at most.
    static let batchLimit = 8
    private static let batchSeconds = 60.0

    /// Where a run stands.
    public struct Progress: Sendable {
        /// Prompts that are done, with the share of those under way.
        public let done: Double
        /// Prompts of this run in all.
        public let count: Int
    }

    public init(
        _ pairs: any PicturePairs, clip: CLIPFolder, prompts: [QualityPrompt], compute: Compute
    ) {
        self.pairs = pairs
        self.clip = clip
        self.prompts = prompts
        self.compute = compute
    }

    /// Runs the prompts that are not in the record yet.
    ///
    /// - Parameters:
    ///   - place: where finished prompts are kept; nil for nowhere.
    ///   - keepsRecord: whether the record stays when all is done.
    ///   - note: takes a sentence for the user.
    ///   - progress: may throw to stop the run.
    public func run(
        record place: RecordPlace?, keepsRecord: Bool, note: (String) -> Void,
        progress: (Progress) throws -> Void
    ) throws -> QualityReport {
        let subject = try QualityRecord.Subject(
            pairs: pairs, clip: clip, prompts: prompts, machine: Machine(compute).json)
        var kept = try KeptRecord(
            QualityRecord(subject: subject, shard: shard), of: prompts, at: place, note: note)
        let finished = Set(kept.record.results.map(\.index))
        let lost = Set(finished.filter { index in report.map { !$0.hasPictures(index) } ?? false })
        let waiting = kept.record.indices.filter { !finished.contains($0) || lost.contains($0) }
        let texts = try textFeatures(waiting)

        var position = 0
        var size = 1
        while position < waiting.count {
            let start = ContinuousClock.now
            let batch = waiting[position..<min(position + size, waiting.count)]
            let wanted = batch.map { (index: $0, prompt: prompts[$0]) }
            let pictures = try pairs.pictures(wanted) { share in
                try progress(
                    Progress(
                        done: Double(position) + 0.95 * share * Double(batch.count), count: waiting.count))
            }
            for result in try compare(pictures, wanted, texts) where !lost.contains(result.index) {
                try kept.add(result)
            }
            position += batch.count
            try progress(Progress(done: Double(position), count: waiting.count))
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            if seconds < Self.batchSeconds / 2 {
                size = min(2 * size, Self.batchLimit)
            } else if seconds > 2 * Self.batchSeconds {
                size = max(1, size / 2)
            }
        }
        let result = QualityReport(kept.record.results, about: subject.about, gates: gates)
        try report?.write(result)
        if !keepsRecord { kept.remove() }
        return result
    }

    /// What CLIP makes of the prompts' texts, each once.
    private func textFeatures(_ indices: [Int]) throws -> [[UInt8]: CLIPFeatures] {
        guard !indices.isEmpty else { return [:] }
        let encoder = try CLIPTextEncoder(clip, compute: compute)
        var features: [[UInt8]: CLIPFeatures] = [:]
        for text in indices.map({ prompts[$0].text }) where features[text] == nil {
            features[text] = try encoder.encode(text)
        }
        return features
    }

    private func compare(
        _ pictures: [PicturePair], _ wanted: [(index: Int, prompt: QualityPrompt)],
        _ texts: [[UInt8]: CLIPFeatures]
    ) throws -> [QualityResult] {
        let encoder = try CLIPImageEncoder(clip, compute: compute)
        return try zip(pictures, wanted).map { pair, wanted in
            try report?.write(pair, wanted.index)
            let reference = try encoder.encode(pair.reference)
            let candidate = try encoder.encode(pair.candidate)
            let text = texts[wanted.prompt.text]
            let scores = (
                reference: text.map(reference.score) ?? 0, candidate: text.map(candidate.score) ?? 0
            )
            return QualityResult(
                index: wanted.index, prompt: wanted.prompt,
                figures: Figures { figure in
                    switch figure {
                    case .similarity: reference.similarity(candidate)
                    case .scoreReference: scores.reference
                    case .scoreCandidate: scores.candidate
                    case .drop: scores.reference - scores.candidate
                    case .psnr: PSNR.decibels(pair.reference, pair.candidate)
                    case .ssim: SSIM.similarity(pair.reference, pair.candidate, on: compute)
                    }
                })
        }
    }
}
