import SanaModel

/// Keeps a conversion from writing over what it reads.
enum OutputCheck {
    /// Refuses an output that is one of the `inputs`, under whatever name, or a file that stands in the checkpoint's
    /// folder and is no pack by its name.
    static func check(_ output: String, inputs: [String], checkpoint: String) throws(ConversionError) {
        guard let target = FileIdentity(path: output) else { return }
        if let input = inputs.first(where: { FileIdentity(path: $0) == target }) {
            throw .outputIsInput(output: output, input: input)
        }
        if !output.hasSuffix(".sanaq"), isInside(checkpoint, output) {
            throw .outputInCheckpoint(output: output)
        }
    }

    private static func isInside(_ folder: String, _ path: String) -> Bool {
        guard let folder = FileIdentity(path: folder) else { return false }
        let name = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        var parent = name.isEmpty ? "." : name.joined(separator: "/") + "/"
        var identity = FileIdentity(path: parent)
        while let current = identity, current != folder {
            parent += "/.."
            identity = FileIdentity(path: parent)
            if identity == current { return false }
        }
        return identity == folder
    }
}
