import ArgumentParser
import SanaModel

/// `sana-quant inspect`: what is in a pack.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is in a pack.",
        discussion: """
            Shows the model, the policy that made the pack, what a run does unless told otherwise, the licence, and \
            the size of each component. Reads the table of contents and not the weights; `verify` reads all.

            Examples:
              sana-quant inspect sana.sanaq
              sana-quant inspect sana.sanaq --tensors
            """)

    @Argument(help: "The pack.")
    var pack: String

    @Flag(help: "List every tensor with its scheme, type, shape, bytes and bytes in the file.")
    var tensors = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let description = try PackDescription(PackReader(path: pack))
        if json {
            try Console.result(description.json(tensors: tensors).serialized())
        } else {
            try Console.result(description.text(tensors: tensors))
        }
    }
}
