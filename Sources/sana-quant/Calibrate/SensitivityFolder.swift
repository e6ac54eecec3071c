import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The folder that a report goes into; made where it is not there.
struct SensitivityFolder {
    private let path: String

    /// The names of what is written.
    static let page = "index.html"
    static let figures = "sensitivity.json"

    static func files(in folder: String) -> [String] { [page, figures].map { "\(folder)/\($0)" } }

    init(_ path: String) throws(OutputError) {
        self.path = path
        if unsafe mkdir(path, 0o777) != 0, errno != EEXIST {
            throw .cannotCreate(path: path, code: errno)
        }
        // A file in its place, or no permission, shows before the work.
        try AtomicFile(target: "\(path)/\(Self.page)", overwrite: true).abandon()
    }

    /// Replaces a file of that name.
    func write(_ bytes: [UInt8], to name: String) throws(OutputError) {
        let file = try AtomicFile(target: "\(path)/\(name)", overwrite: true, expectedSize: bytes.count)
        try file.write(bytes, at: 0)
        try file.commit()
    }
}
