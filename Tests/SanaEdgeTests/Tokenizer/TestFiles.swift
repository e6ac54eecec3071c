import Foundation
import TestSupport

extension TemporaryFolder {
    func put(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }
}
