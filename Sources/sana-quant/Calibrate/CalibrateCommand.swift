import ArgumentParser
import SanaEdge
import SanaModel
import SanaQuant

/// `sana-quant calibrate`: what a reference's layers read, for `convert --calibration`.
struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the activations of a reference pack.",
        discussion: """
            Draws each prompt with a pack of policy fp16 and writes, for each layer, the greatest magnitude and the \
            mean square of every input channel over all prompts, steps and tokens, and some rows of its input. \
            `convert --calibration` looks there for what quantization loses least with. The pictures are dropped.

            Examples:
              sana-quant convert Sana_600M_512px_diffusers -o fp16.sanaq --policy fp16
              sana-quant calibrate fp16.sanaq --prompts prompts.txt \\
                  -o calibration.safetensors
              sana-quant convert Sana_600M_512px_diffusers -o sana.sanaq \\
                  --calibration calibration.safetensors

            With --sensitivity, each layer is drawn with alone in INT8 instead, everything else at 16 bits, and a table \
            tells what that costs: the signal to noise of the transformer's velocity, on the reference's latents at \
            each step, and of the picture. With --budget, a policy keeps those layers at 16 bits that take most error \
            from the pictures for each of their bytes.
              sana-quant calibrate fp16.sanaq --prompts prompts.txt --limit 4 \\
                  --sensitivity --budget 40dB -o policy.yaml --report sensitivity

            With --clip, captions without scores are scored, and --sensitivity also tells the CLIP similarity of each \
            layer's pictures with the reference's, the least of all prompts, which may be the budget.
              sana-quant calibrate fp16.sanaq --captions scenes.jsonl --clip clip \\
                  -o calibration.safetensors
              sana-quant calibrate fp16.sanaq --prompts prompts.txt --clip clip \\
                  --sensitivity --budget 0.999 -o policy.yaml

            A JSON object has "path", "prompts", "steps", "layers", "bytes" and "seconds"; with --sensitivity "model", \
            "prompts", "steps", "guidance", "referenceBytes", "seconds", "layers" (each with "name", "scheme", \
            "bytes16", "bytes8", "velocitySQNR", "velocitySQNRByStep", "pictureError", "psnr" and "similarity"), \
            "policies" and "chosen" (each with "bytes", "kept", "met" and the same figures).
            """)

    @Argument(help: "A pack of policy fp16, the reference.")
    var reference: String

    @Option(
        help: ArgumentHelp(
            """
            Prompts to draw, `-` for standard input: one a line, `#` begins a comment; or JSON objects, one a line, \
            with "prompt" and, if wanted, "negative" and "seed".
            """, valueName: "file"))
    var prompts: String?

    @Option(
        help: ArgumentHelp(
            """
            Scenes to draw in place of prompts, one JSON object a line: "captions", a list of texts, and "scores", the \
            CLIP score of each, or "image", a PNG file from this file's folder, for --clip to score them with. Of each \
            scene one caption is drawn, with probability softmax(score / temperature).
            """, valueName: "file"))
    var captions: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How freely captions are drawn, above 0; at 0.1 nearly always the best.", valueName: "x"))
    var temperature = 1.0

    @Option(
        help: ArgumentHelp(
            "A CLIP checkpoint: a folder in transformers' layout, such as clip-vit-large-patch14.",
            valueName: "folder"))
    var clip: String?

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp(
            "Where the calibration goes, or the policy that meets the budget; one that is there is replaced.",
            valueName: "file"))
    var output: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Draw the first n prompts only. (default: all)", valueName: "n"))
    var limit: Int?

    @OptionGroup(title: "How to draw")
    var drawing: CalibrationDrawing

    @OptionGroup(title: "Layer by layer")
    var sensitivity: SensitivityOptions

    @Flag(help: "Print the result as one JSON object.")
    var json = false

    func run() throws {
        let threads = try drawing.threadOptions.checked()
        if clip != nil, captions == nil, !sensitivity.isOn {
            throw UsageError("--clip needs --captions or --sensitivity.")
        }
        try drawing.checkSeed()
        try refuseOutputs(in: InputFiles([reference, prompts, captions], clip: clip))
        try sensitivity.check(output: output, hasCLIP: clip != nil)
        // Before captions are scored, which may take long.
        try PackReader(path: reference).requireReference()
        let requests = drawing.requests(try readPrompts(threads: threads))
        if sensitivity.isOn {
            try SensitivityRun(
                reference: reference, requests: requests, settings: drawing.pictures.settings,
                threads: threads,
                clip: clip, options: sensitivity, output: output, json: json
            ).run()
        } else if let output {
            try measure(requests, threads: threads, output: output)
        }
    }

    private func refuseOutputs(in inputs: InputFiles) throws {
        let report = sensitivity.report.map { [$0] + SensitivityFolder.files(in: $0) } ?? []
        try inputs.refuse([output].compactMap(\.self) + report)
    }

    /// The first prompts, or one caption of each of the first scenes.
    private func readPrompts(threads: Int) throws -> [Prompt] {
        if let limit, limit < 1 { throw UsageError("The limit is \(limit), expected at least 1.") }
        let most = limit ?? Int.max
        switch (prompts, captions) {
        case (let path?, nil): return Array(try PromptsFile.read(path).prefix(most))
        case (nil, let path?):
            guard temperature > 0, temperature.isFinite else {
                throw UsageError("The temperature is \(temperature), expected a finite number above 0.")
            }
            return try draw(Array(try CaptionsFile.read(path).prefix(most)), threads: threads)
        case (nil, nil): throw UsageError("There is nothing to draw: give --prompts or --captions.")
        case (_?, _?): throw UsageError("Give --prompts or --captions, not both.")
        }
    }

    /// One caption of each scene.
    private func draw(_ scenes: [CaptionedScene], threads: Int) throws -> [Prompt] {
        try refuseOutputs(in: InputFiles(scenes.map(\.image)))
        let scorer = try clip.map { path in
            try CLIPCaptionScorer(
                CLIPFolder(path: path), compute: Compute(threads: threads, tier: try Tier.selected()))
        }
        let sampler = CaptionSampler(temperature: temperature, seed: UInt64(drawing.seed ?? 0))
        let bar = scorer.map { _ in ProgressBar("Scoring", total: scenes.count, unit: .count("scene")) }
        let captions = try sampler.sample(scenes, scorer: scorer) { done in
            try Interruption.check()
            bar?.update(to: done)
        }
        bar?.finish()
        return captions.map { Prompt(text: Array($0.utf8)) }
    }

    private func measure(_ requests: [GenerationRequest], threads: Int, output: String) throws {
        var calibrator = Calibrator(
            tool: "sana-quant \(version)", reference: reference, output: output, requests: requests)
        calibrator.settings = drawing.pictures.settings
        calibrator.threads = threads
        let display = GenerateDisplay(pictures: calibrator.pictureCount)
        let report = try calibrator.run { progress in
            try Interruption.check()
            display.show(progress)
        }
        try Console.result(
            json
                ? report.json.serialized()
                : "\(report.path): \(report.layers) inputs over \(report.prompts) prompts, \(bytes(report.bytes)), "
                    + "in \(time(.seconds(report.seconds)))")
    }
}

/// How a reference draws while it is measured.
struct CalibrationDrawing: ParsableArguments {
    @OptionGroup var pictures: DrawingOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of the noise and of the draw of captions; prompt i has seed + i unless its line names one. (default: 0)",
            valueName: "n"
        ))
    var seed: Int?

    @OptionGroup var threadOptions: ThreadOptions

    func checkSeed() throws(UsageError) {
        guard let seed, !(0...Int.max >> 1).contains(seed) else { return }
        throw UsageError("The seed is \(seed), expected 0 to \(Int.max >> 1).")
    }

    /// A picture for each prompt.
    func requests(_ prompts: [Prompt]) -> [GenerationRequest] {
        prompts.enumerated().map { line, prompt in
            GenerationRequest(
                prompt: prompt.text, negativePrompt: prompt.negative ?? [],
                seed: UInt64(prompt.seed ?? (seed ?? 0) + line))
        }
    }
}
