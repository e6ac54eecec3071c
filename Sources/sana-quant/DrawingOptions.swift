import ArgumentParser
import SanaEdge
import SanaModel

/// How a reference's pictures are drawn, and a candidate's beside them.
struct DrawingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Width of the pictures. (default: the reference's)", valueName: "pixels"))
    var width: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Height of the pictures. (default: the reference's)", valueName: "pixels"))
    var height: Int?

    @Flag(
        inversion: .prefixedNo,
        help: "Draw at the nearest size that the model was trained on, as `generate` does.")
    var binning: Bool?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Steps of the sampler, 1 to 1000. (default: the reference's)", valueName: "n"))
    var steps: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How strongly the prompt guides, 0 to 1000. (default: the reference's)", valueName: "x"))
    var guidance: Double?

    var settings: GenerationSettings {
        GenerationSettings(width: width, height: height, binning: binning, steps: steps, guidance: guidance)
    }
}
