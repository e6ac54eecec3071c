import SanaEdge
import SanaModel
import Synchronization

/// The files of a checkpoint that go into a pack.
struct SourceFiles {
    let folder: String
    /// From the folder.
    let names: [String]

    private static let blockSize = 1 << 20

    init(_ folder: CheckpointFolder, _ weights: CheckpointWeights) {
        let fixed = [
            "model_index.json", "scheduler/scheduler_config.json", "tokenizer/tokenizer.json",
            "tokenizer/tokenizer_config.json", "tokenizer/special_tokens_map.json",
        ]
        let configurations = Component.allCases.map { "\($0.rawValue)/config.json" }
        let files = (fixed + configurations).filter { somethingExists(at: "\(folder.path)/\($0)") }
        self.folder = folder.path
        names = (files + weights.paths.map { String($0.dropFirst(folder.path.count + 1)) }).sorted()
    }

    var paths: [String] { names.map { "\(folder)/\($0)" } }

    /// Sizes and hashes of the files, several read at a time.
    ///
    /// `progress` takes the bytes that are done and the bytes of all files, and may throw to stop.
    func hashes(
        on compute: Compute, progress: @escaping @Sendable (Int, Int) throws -> Void
    ) throws -> [Manifest.Source] {
        let files = try paths.map { try FileReader(path: $0) }
        let progress = ByteProgress(total: files.reduce(0) { $0 + $1.size }, progress)
        let sources = Mutex<[Manifest.Source]>([])
        try OrderedBatches(compute: compute).run(count: files.count) { index in
            let hash = try Self.hash(files[index], progress)
            return Manifest.Source(path: names[index], size: files[index].size, hash: hash)
        } consume: { source in
            sources.withLock { $0.append(source) }
        }
        return sources.withLock { $0 }
    }

    /// The hash of a file, block by block.
    static func hash(_ file: FileReader, _ progress: ByteProgress? = nil) throws -> UInt64 {
        var hash = XXH64()
        for start in stride(from: 0, to: file.size, by: blockSize) {
            let block = try file.read(at: start, count: min(blockSize, file.size - start))
            hash.update(block)
            try progress?.add(block.count)
        }
        return hash.finish()
    }
}
