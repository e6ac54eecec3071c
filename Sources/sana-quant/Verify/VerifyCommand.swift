import ArgumentParser
import SanaModel

/// `sana-quant verify`: whether a pack is whole.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read a whole pack and check it.",
        discussion: """
            Holds every byte against its checksum and every number against what it may be. Ends with 0 if the pack \
            is whole, otherwise with 65 and a sentence that names what is damaged.

            Example:
              sana-quant verify sana.sanaq
            """)

    @Argument(help: "The pack.")
    var pack: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let pack = try PackReader(path: pack)
        let bar = ProgressBar("Verifying", total: pack.fileSize, unit: .bytes)
        try pack.verify { share in
            try Interruption.check()
            bar.update(to: Int(share * Double(pack.fileSize)))
        }
        bar.finish()
        if json {
            let result: JSON = [
                "path": .string(pack.path), "bytes": .integer(pack.fileSize),
                "tensors": .integer(pack.tensors.count), "whole": true,
            ]
            try Console.result(result.serialized())
        } else {
            try Console.result(
                "\(pack.path): whole, \(bytes(pack.fileSize)) in \(pack.tensors.count) tensors")
        }
    }
}
