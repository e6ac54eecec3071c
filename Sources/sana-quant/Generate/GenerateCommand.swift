import ArgumentParser
import SanaEdge
import SanaModel

/// `sana-quant generate`: prompts to PNG files.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make pictures from a pack.",
        discussion: """
            Draws a picture for the prompt and writes it as a PNG that also tells its prompt, seed and settings. \
            Prints the name of each file that it wrote.

            Examples:
              sana-quant generate sana.sanaq --prompt "a lighthouse at dusk"
              sana-quant generate sana.sanaq --prompt "a red fox" --count 4 -o fox.png
              sana-quant generate sana.sanaq --prompts prompts.txt --steps 14 --json

            A JSON object has "images" (each with "path" and "seed"), "width", "height", "steps", "guidance", \
            "threads", "tier", "seconds" (of "load", "text", "denoise", "decode" and "total"), "stepSeconds" and \
            "peakMemoryBytes".
            """)

    @Argument(help: "The pack that `sana-quant convert` wrote.")
    var pack: String

    @OptionGroup(title: "What to draw")
    var promptOptions: PromptOptions

    @OptionGroup(title: "How to draw it")
    var pictureOptions: PictureOptions

    @OptionGroup(title: "Output")
    var outputOptions: OutputOptions

    func run() throws {
        let start = ContinuousClock.now
        let threads = try outputOptions.threadOptions.checked()
        let memoryLimit = try outputOptions.memoryOptions.checked()
        let prompts = try promptOptions.readPrompts()
        let tier = try Tier.selected()

        let reader = try PackReader(path: pack)
        let compute = Compute(threads: threads, tier: tier)
        let pipeline = try SanaPipeline(pack: reader, compute: compute)
        let plan = try pipeline.plan(pictureOptions.settings)
        let latents = try pictureOptions.latents.map { try LatentsFile.read($0, shape: plan.latentShape) }
        let jobs = try PictureJob.list(
            prompts, promptOptions, outputOptions, seed: pipeline.manifest.defaults.seed)
        try checkOutputs(jobs)
        if pipeline.configs.isFewStep, jobs.contains(where: { !$0.negativePrompt.isEmpty }) {
            Console.message(
                "\(pipeline.manifest.modelName) has no negative prompt; what is given has no effect.")
        }
        var report = GenerateReport(plan: plan, threads: compute.threads, tier: tier.name)
        if outputOptions.verbose { Console.note(report.plan(model: pipeline.manifest.modelName)) }

        let description = PictureDescription(
            plan: plan, manifest: pipeline.manifest, isSeeded: latents == nil)
        let opened = ContinuousClock.now - start
        let run = try pipeline.prepare(
            jobs.map { $0.request(latents: latents) }, plan: plan, memoryLimit: memoryLimit)
        if outputOptions.verbose { Console.note(report.memory(run.memory)) }
        let display = GenerateDisplay(pictures: jobs.count)
        var file: PictureFile?
        let seconds = try pipeline.generate(
            run,
            progress: { progress in
                try Interruption.check()
                display.show(progress)
            },
            deliver: { index, part in
                let job = jobs[index]
                switch part {
                case .rows(let rows):
                    let open = try file ?? PictureFile(job.output, plan, text: description.text(of: job))
                    file = open
                    try open.append(rows)
                case .end(let picture):
                    try file?.finish()
                    file = nil
                    if let path = job.savedLatents { try write(LatentsFile.bytes(picture.noise), to: path) }
                    report.add(job, picture)
                    if !outputOptions.json { try Console.result(job.output) }
                }
            })
        report.finish(seconds, opened: opened.inSeconds, total: (ContinuousClock.now - start).inSeconds)
        if outputOptions.verbose { Console.note(report.timings) }
        if outputOptions.json { try Console.result(report.json.serialized()) }
    }

    /// Refuses outputs that would replace an input or each other, or that cannot be created: before the work.
    private func checkOutputs(_ jobs: [PictureJob]) throws {
        let outputs = jobs.flatMap(\.outputs)
        try InputFiles([pack, promptOptions.prompts, pictureOptions.latents]).refuse(outputs)
        var known: Set<String> = []
        for output in outputs {
            guard try known.insert(AtomicFile.place(of: output)).inserted else {
                throw UsageError("Two outputs go to \(quoted(output)); name another file.")
            }
        }
        for output in jobs[0].outputs {
            try AtomicFile(target: output, overwrite: true).abandon()
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try AtomicFile(target: path, overwrite: true, expectedSize: bytes.count)
        try file.write(bytes, at: 0)
        try file.commit()
    }
}
