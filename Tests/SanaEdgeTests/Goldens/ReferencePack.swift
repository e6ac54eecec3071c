import Foundation
import SanaEdge
import SanaModel
import SanaQuant
import Synchronization
import TestSupport

/// Packs of the reference model, converted once for all tests.
enum ReferencePack: String {
    case fp16
    case fp16WithInstruction
    case sana
    case edge
    case edgeWithInstruction

    private static let suffix = "WithInstruction"
    private var hasInstruction: Bool { rawValue.hasSuffix(Self.suffix) }
    private var policy: String {
        hasInstruction ? String(rawValue.dropLast(Self.suffix.count)) : rawValue
    }

    private static let folder = Result {
        let folder = try TemporaryFolder()
        atexit { ReferencePack.removeFolder() }
        return folder
    }
    private static let readers = Mutex<[ReferencePack: PackReader]>([:])

    /// What lives as long as the process has no other end.
    private static func removeFolder() {
        guard let path = try? folder.get().path else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    static func reader(_ pack: ReferencePack) throws -> PackReader {
        try readers.withLock { readers in
            if let reader = readers[pack] { return reader }
            let path = try "\(folder.get().path)/\(pack.rawValue).sanaq"
            var converter = Converter(tool: "tests", checkpoint: Fixtures.referenceModel, output: path)
            converter.policy = pack.policy
            if pack.hasInstruction {
                converter.instruction = Fixtures.path("goldens/instruction.json")
            }
            _ = try converter.run { _, _, _ in }
            let reader = try PackReader(path: path)
            readers[pack] = reader
            return reader
        }
    }

    static func compute(threads: Int = 2) throws -> Compute {
        Compute(threads: threads, tier: try Tier.selected())
    }

    static func loader(
        _ pack: ReferencePack, _ component: Component, threads: Int = 2
    ) throws -> WeightLoader {
        WeightLoader(pack: try reader(pack), compute: try compute(threads: threads), component: component)
    }

    static func tokenizer() throws -> Tokenizer {
        Tokenizer(try TokenizerTables(blob: try reader(.fp16).requiredBlob(.tokenizer)))
    }
}
