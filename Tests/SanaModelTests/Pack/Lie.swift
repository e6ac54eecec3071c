import SanaModel
import Testing

/// One way in which a forged pack is wrong, and the error that must come of it.
struct Lie: Sendable, CustomTestStringConvertible {
    let title: String
    /// With an empty path.
    let expected: PackError
    let tell: @Sendable (inout PackForge) -> Void

    init(_ title: String, _ expected: PackError, _ tell: @escaping @Sendable (inout PackForge) -> Void) {
        self.title = title
        self.expected = expected
        self.tell = tell
    }

    var testDescription: String { title }

    /// Opens the forged pack, reads all of it and holds the error against the expected one.
    func isFoundOut() throws {
        let folder = PackFolder()
        var forge = PackForge.sound
        tell(&forge)
        let path = folder.write(forge.bytes)
        let start = ContinuousClock.now
        let error = #expect(throws: PackError.self) {
            let archive = try PackArchive(path: path)
            try archive.verify { _ in }
        }
        #expect(ContinuousClock.now - start < .seconds(2), "what a pack claims is not what is allocated")
        #expect(error?.withoutPath == expected)
        #expect(error?.exitCode == .badInput)
        let text = error?.description ?? ""
        #expect(text.hasSuffix(".") && !text.contains("\n") && text.contains("test.sanaq"))
    }
}

extension PackError {
    /// The same error about a pack without a name.
    var withoutPath: PackError {
        switch self {
        case .header(_, let fault): .header(path: "", fault)
        case .table(_, let fault): .table(path: "", fault)
        case .tensor(_, let name, let fault): .tensor(path: "", name: name, fault)
        case .blob(_, let blob, let fault): .blob(path: "", blob, fault)
        case .chunk(_, let owner, let index, let fault): .chunk(path: "", owner: owner, index: index, fault)
        case .manifest(_, let fault): .manifest(path: "", fault)
        case .model(_, let fault): .model(path: "", fault)
        }
    }
}
