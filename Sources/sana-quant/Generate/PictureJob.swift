import SanaEdge
import SanaModel

/// A picture of the run and where it goes.
struct PictureJob {
    /// UTF-8.
    let prompt: [UInt8]
    /// UTF-8.
    let negativePrompt: [UInt8]
    let seed: Int
    let output: String
    let savedLatents: String?

    var outputs: [String] { [output] + (savedLatents.map { [$0] } ?? []) }

    func request(latents: Latents?) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt, negativePrompt: negativePrompt, seed: UInt64(seed), latents: latents)
    }

    /// Every picture that the options ask for: each prompt `count` times.
    ///
    /// - Parameter seed: The pack's default.
    static func list(
        _ prompts: [Prompt], _ options: PromptOptions, _ outputs: OutputOptions, seed: Int
    ) throws(UsageError) -> [PictureJob] {
        let copies = options.count ?? 1
        let count = try PromptOptions.pictures(of: prompts, copies: copies)
        var jobs: [PictureJob] = []
        for (line, prompt) in prompts.enumerated() {
            for copy in 0..<copies {
                let seed = try prompt.seed(line: line, copy: copy, first: options.seed ?? seed)
                jobs.append(
                    PictureJob(
                        prompt: prompt.text,
                        negativePrompt: prompt.negative ?? Array((options.negativePrompt ?? "").utf8),
                        seed: seed,
                        output: numbered(outputs.output, jobs.count, of: count),
                        savedLatents: outputs.saveLatents.map { numbered($0, jobs.count, of: count) }))
            }
        }
        return jobs
    }
}

extension PromptOptions {
    /// How many pictures `copies` of each prompt are.
    static func pictures(of prompts: [Prompt], copies: Int) throws(UsageError) -> Int {
        let count = prompts.count * copies
        guard count <= pictureLimit else {
            throw UsageError(
                """
                \(copies) x \(prompts.count) prompts are \(count) pictures, expected at most \
                \(pictureLimit); split the prompts.
                """)
        }
        return count
    }

    /// The prompts of the file, or the one of the command line.
    ///
    /// - Throws: `UsageError`; what reading and parsing the file throws.
    func readPrompts() throws -> [Prompt] {
        let copies = count ?? 1
        guard (1...Self.countLimit).contains(copies) else {
            throw UsageError("The count is \(copies), expected 1 to \(Self.countLimit).")
        }
        if let seed, seed < 0 { throw UsageError("The seed is \(seed), expected 0 to \(Int.max).") }
        for (option, text) in [("--prompt", prompt), ("--negative-prompt", negativePrompt)] {
            if let text, text.utf8.count > Prompt.lengthLimit {
                throw UsageError(
                    "\(option) has \(text.utf8.count) bytes, at most \(Prompt.lengthLimit) are allowed.")
            }
        }
        switch (prompt, prompts) {
        case (let text?, nil):
            return [Prompt(text: Array(text.utf8))]
        case (nil, let file?):
            return try PromptsFile.read(file)
        case (nil, nil):
            throw UsageError("There is nothing to draw: give --prompt or --prompts.")
        case (_?, _?):
            throw UsageError("Give --prompt or --prompts, not both.")
        }
    }
}
