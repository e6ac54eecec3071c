import ArgumentParser
import SanaModel
import SanaQuant

/// `sana-quant export`: a pack's transformer as safetensors.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a pack's transformer as safetensors, for other tools.",
        discussion: """
            Writes diffusion_pytorch_model.safetensors and config.json, with the names and the quantization_config of \
            compressed-tensors (INT8, W8A8): a quantized layer has an int8 `weight` [out, in] and a float32 \
            `weight_scale` [out, 1], whose product is the weight. 1x1 convolutions are matrices too; \
            `quantized_convolutions` in config.json gives their shapes in the checkpoint. All other tensors are as in \
            the pack, in 16 bits as a rule.

            Example:
              sana-quant export sana.sanaq -o sana-int8

            A JSON object has "files", "bytes", "layers" (that are quantized) and "convolutions" (of these).
            """)

    @Argument(help: "The pack.")
    var pack: String

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("The folder that the files go into; made if it is not there.", valueName: "folder")
    )
    var output: String

    @Flag(help: "Replace the files if they exist.")
    var overwrite = false

    @Flag(help: "Print the result as one JSON object.")
    var json = false

    func run() throws {
        var exporter = Exporter(pack: pack, output: output)
        exporter.overwrite = overwrite
        var bar: ProgressBar?
        let report = try exporter.run { done, total in
            try Interruption.check()
            if bar == nil { bar = ProgressBar("Exporting", total: total, unit: .bytes) }
            bar?.update(to: done)
        }
        bar?.finish()
        if json {
            let result: JSON = [
                "files": .array(report.files.map { .string($0) }), "bytes": .integer(report.bytes),
                "layers": .integer(report.layers), "convolutions": .integer(report.convolutions),
            ]
            try Console.result(result.serialized())
        } else {
            try Console.result(
                "\(output): \(bytes(report.bytes)), \(report.layers) quantized layers, "
                    + "\(report.convolutions) of them convolutions")
        }
    }
}
