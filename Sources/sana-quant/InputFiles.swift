import SanaModel

/// The files that a run reads, so that it writes over none of them.
struct InputFiles {
    private var names: [FileIdentity: String] = [:]

    /// - Parameter folders: of each the files that stand in it, not those of folders within.
    init(_ files: [String?], folders: [String?] = []) {
        for file in files.compactMap(\.self) { add(file) }
        for folder in folders.compactMap(\.self) {
            // What cannot be listed is refused where it is read.
            for name in (try? fileNames(inFolder: folder)) ?? [] { add("\(folder)/\(name)") }
        }
    }

    private mutating func add(_ file: String) {
        guard let identity = FileIdentity(path: file) else { return }
        names[identity] = file
    }

    /// Refuses outputs that are among these files, under whatever name.
    func refuse(_ outputs: [String]) throws(UsageError) {
        for output in outputs {
            guard let identity = FileIdentity(path: output), let input = names[identity] else { continue }
            throw UsageError(
                "The output \(quoted(output)) is the input \(quoted(input)); name another file.")
        }
    }
}
