import ArgumentParser

/// The options `--width` and `--height` of one pack's pictures.
struct SizeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Width of the picture. (default: the size of the training)", valueName: "pixels"))
    var width: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Height of the picture. (default: the size of the training)", valueName: "pixels"))
    var height: Int?
}
