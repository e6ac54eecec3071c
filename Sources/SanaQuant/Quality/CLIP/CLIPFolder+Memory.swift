import SanaEdge
import SanaModel

extension CLIPFolder {
    /// What the program, each of its threads and pictures on their way through CLIP take; measured.
    private static let program = 40 << 20
    private static let perThread = 8 << 20

    /// Refuses a limit on the process's memory, or on its addresses, that the larger of the two encoders does not keep
    /// to.
    ///
    /// - Throws: `QualityError.clipMemory`, `QualityError.clipAddresses`.
    public func requireMemory(limit: Int?, threads: Int) throws(QualityError) {
        let needed = encoderBytes + Self.program + threads * Self.perThread
        if let limit, needed > limit {
            throw QualityError.clipMemory(folder: path, needed: needed, limit: limit)
        }
        let left = MemoryAvailable.addresses.map { ProgramMemory.addressable($0, threads: threads) }
        if let left, needed > left {
            throw QualityError.clipAddresses(folder: path, needed: needed, left: left, threads: threads)
        }
    }

    /// Bytes of the weights of the larger encoder. Of the token embedding only rows are read.
    private var encoderBytes: Int {
        var (text, vision) = (0, 0)
        for entry in tensors.files.flatMap(\.entries) {
            let name = entry.name.string
            if name.hasPrefix("vision_model.") || name == "visual_projection.weight" {
                vision += entry.byteRange.count
            } else if !name.hasPrefix("text_model.embeddings.token_embedding.") {
                text += entry.byteRange.count
            }
        }
        return max(text, vision)
    }
}
