import ArgumentParser
import SanaEdge
import SanaModel

/// What to draw.
struct PromptOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What the picture shows.", valueName: "text"))
    var prompt: String?

    @Option(
        help: ArgumentHelp(
            """
            Draw each prompt of a file, `-` for standard input: one a line, `#` begins a comment; or JSON objects, \
            one a line, with "prompt" and, if wanted, "negative" and "seed".
            """,
            valueName: "file"))
    var prompts: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What the picture should not show. (default: nothing)", valueName: "text"))
    var negativePrompt: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Seed of the noise, from 0 on; as in torch, only its low 32 bits count. Prompt i of a file has seed + i \
            unless its line names one. (default: the pack's, 0)
            """,
            valueName: "n"))
    var seed: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Pictures of each prompt, 1 to \(Self.countLimit); picture i has seed + i. (default: 1)",
            valueName: "n"))
    var count: Int?

    static let countLimit = 1000
    /// Of all prompts together: where each goes is settled, and held in memory, before the first is drawn.
    static let pictureLimit = 100_000
}

/// How large and how carefully.
struct PictureOptions: ParsableArguments {
    @OptionGroup var size: SizeOptions

    @Flag(
        inversion: .prefixedNo,
        help: """
            Draw at the nearest size that the model was trained on, then scale and crop. Without it, width and \
            height must be multiples of 32. (default: --binning where the model has a table of sizes)
            """)
    var binning: Bool?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Steps of the sampler, 1 to 1000. (default: the pack's, 20; 2 for Sana-Sprint)", valueName: "n"))
    var steps: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            How strongly the prompt guides, 0 to 1000; at 1 and below the negative prompt has no effect and each \
            step takes half the time. Sana-Sprint has no negative prompt. (default: the pack's, 4.5)
            """,
            valueName: "x"))
    var guidance: Double?

    @Option(
        help: ArgumentHelp(
            """
            Start from this noise and not from the seed's: a safetensors file with one tensor `latents`, float32 \
            (1, channels, height, width).
            """,
            valueName: "file"))
    var latents: String?

    var settings: GenerationSettings {
        GenerationSettings(
            width: size.width, height: size.height, binning: binning, steps: steps, guidance: guidance)
    }
}

/// Where the pictures go, and what the run says.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            """
            The PNG file to write; one that is there is replaced. Of several pictures each gets its number before \
            the extension: image-0.png, image-1.png.
            """,
            valueName: "file"))
    var output = "image.png"

    @Option(
        help: ArgumentHelp(
            "Write the noise that the picture starts from, for --latents; numbered as the pictures are.",
            valueName: "file"))
    var saveLatents: String?

    @OptionGroup var threadOptions: ThreadOptions

    @OptionGroup var memoryOptions: MemoryOptions

    @Flag(help: "Say what the run does and how long each stage takes.")
    var verbose = false

    @Flag(help: "Print one JSON object in place of the file names.")
    var json = false
}
