import Foundation
import TestSupport

struct SystemError: Error {
    let code: Int32
}

extension TestSupport.TemporaryFolder {
    func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    func put(_ text: String, _ name: String) throws {
        try put(Array(text.utf8), name)
    }

    func makeFolder(_ name: String) throws {
        guard unsafe mkdir(path(name), 0o700) == 0 else { throw SystemError(code: errno) }
    }

    func makePipe(_ name: String) throws {
        guard unsafe mkfifo(path(name), 0o600) == 0 else { throw SystemError(code: errno) }
    }

    func makeLink(_ name: String, to target: String) throws {
        guard unsafe symlink(target, path(name)) == 0 else { throw SystemError(code: errno) }
    }

    /// Cuts a file, as another process might while it is read.
    func cut(_ name: String, to size: Int) throws {
        guard unsafe truncate(path(name), size) == 0 else { throw SystemError(code: errno) }
    }
}
