#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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

/// What makes two names the same file.
private struct FileIdentity: Equatable {
    let device: dev_t
    let number: ino_t

    /// Nil where nothing is at `path`. Symbolic links are followed.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        number = status.st_ino
    }
}
