import SanaModel

/// The token embedding, left in the pack: a prompt needs a few hundred of its rows, so only their chunks are read.
struct EmbeddingTable {
    private let tensor: PackTensor  // (vocabulary, width)
    private let loader: WeightLoader

    init(tensor: PackTensor, loader: WeightLoader) throws {
        self.tensor = tensor
        self.loader = loader
    }

    private var width: Int { tensor.shape[1] }

    /// The rows of `tokens`, times `scale`: (tokens, width).
    func rows(_ tokens: [Int32], scale: Float) throws -> Matrix {
        let distinct = Array(Set(tokens)).sorted()
        var position: [Int32: Int32] = [:]
        for (index, token) in distinct.enumerated() { position[token] = Int32(index) }
        let rowBytes = tensor.rowBytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(distinct.count * rowBytes)
        var chunk = -1
        var contents: [UInt8] = []
        var first = 0
        for token in distinct {
            let row = Int(token)
            let wanted = row / tensor.rowsPerChunk
            if wanted != chunk {
                chunk = wanted
                contents = try loader.pack.chunk(tensor, chunk)
                first = tensor.rows(ofChunk: chunk).lowerBound
            }
            bytes += contents[(row - first) * rowBytes..<(row - first + 1) * rowBytes]
        }
        let table = try Table(
            rows: distinct.count, columns: width, elementType: tensor.elementType, bytes: bytes,
            scales: scales(distinct))
        let y = Matrix(rows: tokens.count, columns: width)
        loader.compute.gather(table, rows: tokens.map { position[$0] ?? 0 }, scale: scale, into: y)
        return y
    }

    private func scales(_ rows: [Int32]) throws -> Buffer<Float>? {
        guard tensor.scheme.isQuantized else { return nil }
        let all = try loader.scales(tensor)
        return Buffer(rows.map { all[Int($0)] })
    }
}
