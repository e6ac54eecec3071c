import SanaModel
import SanaQuant

/// The files that a run reads, so that it writes over none of them.
struct InputFiles {
    private var names: [FileIdentity: String] = [:]

    /// - Parameters:
    ///   - clip: A CLIP checkpoint.
    ///   - pictures: Folders whose pictures are compared.
    init(_ files: [String?], clip: String? = nil, pictures: [String] = []) {
        for file in files.compactMap(\.self) { add(file) }
        if let clip { add(clip, where: CLIPFolder.reads) }
        for folder in pictures { add(folder, where: FolderPairs.reads) }
    }

    /// What of a folder is read: other files in it may be those of an earlier run.
    private mutating func add(_ folder: String, where isRead: (String) -> Bool) {
        // What cannot be listed is refused where it is read.
        for name in (try? fileNames(inFolder: folder)) ?? [] where isRead(name) { add("\(folder)/\(name)") }
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
