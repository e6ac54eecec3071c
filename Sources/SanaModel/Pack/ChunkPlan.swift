/// How tensors and blobs are cut into chunks: whole rows, about 1 MiB of them.
public enum ChunkPlan {
    /// Bytes that a chunk aims at, and that each chunk of a blob has but the last.
    public static let targetSize = 1 << 20
    /// The most bytes in a chunk, and so in a row.
    public static let maximumSize = 4 << 20

    /// How many rows go into a chunk: as many as fit 1 MiB, at least one.
    ///
    /// A row above `maximumSize` cannot be stored: `PackWriter` refuses it.
    public static func rowsPerChunk(rowBytes: Int) -> Int {
        max(1, targetSize / max(1, rowBytes))
    }
}
