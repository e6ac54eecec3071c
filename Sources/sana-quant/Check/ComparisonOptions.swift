import ArgumentParser
import SanaModel
import SanaQuant

/// What is compared, and by what.
struct ComparisonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The pack to judge by, most often of the policy fp16.", valueName: "pack"))
    var against: String?

    @Option(
        help: ArgumentHelp(
            """
            Judge the PNG files of a folder in place of a pack's pictures. They belong to the prompts in the order of \
            their names: image-2.png comes before image-10.png.
            """,
            valueName: "folder"))
    var images: String?

    @Option(help: ArgumentHelp("The folder to judge --images by.", valueName: "folder"))
    var againstImages: String?

    @Option(
        help: ArgumentHelp(
            "A CLIP checkpoint: a folder in transformers' layout, such as clip-vit-large-patch14.",
            valueName: "folder"))
    var clip: String

    @Option(
        help: ArgumentHelp(
            """
            The prompts, `-` for standard input: one a line, `#` begins a comment; or JSON objects, one a line, with \
            "prompt" and, if wanted, "negative" and "seed".
            """,
            valueName: "file"))
    var prompts: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of prompt 0; prompt i has seed + i unless its line names one. (default: the pack's, 0)",
            valueName: "n"))
    var seed: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Pictures of each prompt, 1 to \(PromptOptions.countLimit); picture i has seed + i.",
            valueName: "n"))
    var count = 1

    /// The two sides.
    enum Sides {
        case packs(candidate: String, reference: String)
        case folders(candidate: String, reference: String)

        var candidate: String {
            switch self {
            case .packs(let candidate, _), .folders(let candidate, _): candidate
            }
        }

        var packs: [String] {
            if case .packs(let candidate, let reference) = self { [candidate, reference] } else { [] }
        }

        var folders: [String] {
            if case .folders(let candidate, let reference) = self { [candidate, reference] } else { [] }
        }
    }

    func sides(candidate: String?) throws(UsageError) -> Sides {
        switch (candidate, against, images, againstImages) {
        case (let candidate?, let reference?, nil, nil):
            return .packs(candidate: candidate, reference: reference)
        case (nil, nil, let candidate?, let reference?):
            return .folders(candidate: candidate, reference: reference)
        case (_?, nil, nil, nil):
            throw UsageError("There is nothing to judge the pack by: give --against.")
        case (nil, nil, nil, nil):
            throw UsageError(
                "There is nothing to judge: give a pack and --against, or --images and --against-images.")
        case (nil, nil, _, _):
            throw UsageError("Folders come in pairs: give both --images and --against-images.")
        default:
            throw UsageError(
                "Give a pack and --against, or --images and --against-images, and nothing of the other.")
        }
    }

    func readPrompts() throws -> [Prompt] {
        guard (1...PromptOptions.countLimit).contains(count) else {
            throw UsageError("The count is \(count), expected 1 to \(PromptOptions.countLimit).")
        }
        if let seed, seed < 0 { throw UsageError("The seed is \(seed), expected 0 to \(Int.max).") }
        return try PromptsFile.read(prompts)
    }

    /// The pictures that the prompts call for, seeded as `generate` seeds them.
    ///
    /// - Parameter seed: where the command line names none.
    func prompts(_ lines: [Prompt], seed fallback: Int) throws(UsageError) -> [QualityPrompt] {
        var prompts: [QualityPrompt] = []
        prompts.reserveCapacity(try PromptOptions.pictures(of: lines, copies: count))
        for (line, prompt) in lines.enumerated() {
            for copy in 0..<count {
                let seed = try prompt.seed(line: line, copy: copy, first: seed ?? fallback)
                prompts.append(QualityPrompt(text: prompt.text, negative: prompt.negative ?? [], seed: seed))
            }
        }
        return prompts
    }
}
