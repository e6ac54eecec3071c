import ArgumentParser
import SanaEdge
import SanaModel
import SanaQuant

/// `sana-quant check`: how near a pack's pictures come to another's.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove that a pack's pictures mean the same as another's.",
        discussion: """
            Draws every prompt from the same noise with both packs and measures each pair of pictures: the CLIP \
            similarity (the cosine between what CLIP sees in the two), the CLIP score of each picture with its prompt \
            (100 x max(cosine, 0)) and how much of it is lost, PSNR (100 where the pictures are equal) and SSIM (Wang \
            et al. 2004: Gaussian window of 11 x 11, mean over red, green and blue). Prints each figure's mean with \
            the interval that a bootstrap gives it in 95 of 100 samples, its 5th percentile from the bad end, and its \
            worst.

            Finished prompts are kept in a file beside the candidate, so that the same command goes on where it was \
            stopped. --memory-limit binds the drawing, as in `generate`, and CLIP, whose two encoders are read one after \
            the other. With --shard K/N each of N runs does every N-th prompt; `check merge` puts them together.

            Examples:
              sana-quant check edge.sanaq --against fp16.sanaq --clip clip --prompts p.txt
              sana-quant check edge.sanaq --against fp16.sanaq --clip clip \\
                --prompts prompts.txt --min-similarity 0.99 --max-score-drop 0.2
              sana-quant check --images theirs --against-images ours --clip clip \\
                --prompts prompts.txt
              parallel sana-quant check edge.sanaq --against fp16.sanaq --clip clip \\
                --prompts prompts.txt --shard {}/4 --state {}.jsonl ::: 1 2 3 4
              sana-quant check merge 1.jsonl 2.jsonl 3.jsonl 4.jsonl

            A JSON object has "prompts" (each with "index", "prompt", "seed", "similarity", "scoreReference", \
            "scoreCandidate", "drop", "psnr" and "ssim"), "mean", "interval", "percentile5" and "worst" of these \
            figures ("worst" also has the "prompt" with the least similarity), "gates", "passed", "candidate", \
            "reference", "clip", "settings" and "machine".
            """)

    @Argument(help: "The pack to judge.")
    var candidate: String?

    @OptionGroup(title: "What to compare")
    var comparison: ComparisonOptions

    @OptionGroup(title: "How to draw")
    var drawing: DrawingOptions

    @OptionGroup(title: "What must hold")
    var gateOptions: GateOptions

    @OptionGroup(title: "How to run")
    var runOptions: CheckRunOptions

    @OptionGroup(title: "Output")
    var outputOptions: CheckOutputOptions

    func run() throws {
        let threads = try runOptions.threadOptions.checked()
        let memoryLimit = try runOptions.memoryOptions.checked()
        let gates = try gateOptions.checked()
        let shard = try runOptions.readShard()
        let sides = try comparison.sides(candidate: candidate)
        if case .folders = sides { try drawing.refuseForPictures() }
        let lines = try comparison.readPrompts()
        let compute = Compute(threads: threads, tier: try Tier.selected())
        let clip = try CLIPFolder(path: comparison.clip)
        try clip.requireMemory(limit: memoryLimit, threads: threads)

        let pairs: any PicturePairs
        let prompts: [QualityPrompt]
        switch sides {
        case .packs(let candidate, let reference):
            let reference = try PackReader(path: reference)
            prompts = try comparison.prompts(lines, seed: reference.manifest.defaults.seed)
            pairs = try PackPairs(
                candidate: PackReader(path: candidate), reference: reference, settings: drawing.settings,
                memoryLimit: memoryLimit, compute: compute)
        case .folders(let candidate, let reference):
            prompts = try comparison.prompts(lines, seed: 0)
            pairs = try FolderPairs(candidate: candidate, reference: reference, prompts: prompts.count)
        }
        var check = QualityCheck(pairs, clip: clip, prompts: prompts, compute: compute)
        (check.shard, check.gates) = (shard, gates)
        check.report = try outputOptions.reportFolder()

        let place = runOptions.place(beside: sides.candidate, shard)
        let outputs = check.report?.files(prompts: prompts.indices) ?? []
        try InputFiles([comparison.prompts] + sides.packs, clip: comparison.clip, pictures: sides.folders)
            .refuse([place.path] + outputs)
        let record = try AtomicFile.place(of: place.path)
        if let output = try outputs.first(where: { try AtomicFile.place(of: $0) == record }) {
            throw UsageError("Both --state and the report go to \(quoted(output)); name another file.")
        }
        let display = CheckDisplay()
        let report: QualityReport
        do {
            report = try check.run(
                record: place, keepsRecord: place.isChosen || shard != .whole,
                note: { Console.message($0) },
                progress: { progress in
                    try Interruption.check()
                    display.show(progress)
                })
        } catch let signal as Interrupted {
            Console.note("What is done is in \(place.path); the same command goes on from there.")
            throw signal
        }
        if shard != .whole {
            Console.note("Shard \(shard.index) of \(shard.count) is in \(place.path), for check merge.")
        }
        try outputOptions.show(report)
        try report.requirePassed()
    }
}
