import SanaEdge
import SanaModel

/// A PNG that grows row by row and appears under its name when it is whole.
final class PictureFile {
    private let file: AtomicFile
    private let writer: PNGWriter
    private var offset = 0

    init(_ path: String, _ plan: GenerationPlan, text: [(keyword: String, value: String)]) throws {
        file = try AtomicFile(target: path, overwrite: true)
        writer = try PNGWriter(width: plan.width, height: plan.height, text: text)
    }

    /// Writes the next rows of 8-bit RGB pixels, whole ones.
    func append(_ rows: [UInt8]) throws { try write(writer.encode(rows: rows[...])) }

    func finish() throws {
        try write(writer.finish())
        try file.commit()
    }

    private func write(_ bytes: [UInt8]) throws {
        try file.write(bytes, at: offset)
        offset += bytes.count
    }
}
