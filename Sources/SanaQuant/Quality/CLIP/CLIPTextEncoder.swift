import SanaEdge
import SanaModel

/// CLIP's text transformer: a text in, its features out.
public struct CLIPTextEncoder {
    private let config: CLIPConfig
    private let compute: Compute
    private let tokenizer: CLIPTokenizer
    private let weights: CLIPWeights
    private let positions: Buffer<Float>  // (positions, width)
    private let tower: CLIPTower
    private let outputNorm: CLIPNorm
    private let projection: Weight  // (projection, width)

    private static let embedding = "text_model.embeddings.token_embedding.weight"

    /// Reads the weights, but for the token embedding, of which a text needs a few rows only.
    public init(_ folder: CLIPFolder, compute: Compute) throws {
        config = folder.config
        self.compute = compute
        tokenizer = CLIPTokenizer(folder.tokenizerTables)
        weights = CLIPWeights(tensors: folder.tensors)
        let width = config.text.width
        positions = try weights.vector(
            "text_model.embeddings.position_embedding.weight", [config.positions, width])
        tower = try CLIPTower(config.text, name: "text_model", weights: weights, compute: compute)
        outputNorm = try weights.norm(
            "text_model.final_layer_norm", width, epsilon: config.text.normEpsilon)
        projection = try weights.weight("text_projection.weight", [config.projection, width])
    }

    /// The features of a text in UTF-8.
    ///
    /// A token sees only those before it, so that what stands behind the one whose state is taken is not computed.
    ///
    /// - Throws: `CLIPError`, `ActivationError`, `FileError`.
    public func encode(_ text: [UInt8]) throws -> CLIPFeatures {
        let all = tokenizer.encode(text, limit: config.positions)
        if let id = all.first(where: { $0 >= config.vocabularySize }) {
            throw CLIPError.token(folder: weights.tensors.folder, id: Int(id), count: config.vocabularySize)
        }
        let ids = Array(all[...config.textEnd.position(in: all)])
        let width = config.text.width
        let x = Matrix(
            rows: ids.count, columns: width,
            try weights.rows(ids, of: Self.embedding, rows: config.vocabularySize, columns: width))
        compute.add(
            Matrix(rows: config.positions, columns: width, buffer: positions).rows(0..<ids.count), into: x)
        try tower.run(x, causal: true)

        let pooled = x.rows(ids.count - 1..<ids.count)
        compute.normalize(pooled, outputNorm, into: pooled)
        let features = Matrix(rows: 1, columns: config.projection)
        try compute.linear(
            pooled, projection, bias: nil, .store(.none), into: features, layer: "text_projection")
        return try CLIPFeatures(features.array, of: "text_projection")
    }
}

extension CLIPConfig.TextEnd {
    /// - Precondition: there are ids.
    fileprivate func position(in ids: [Int32]) -> Int {
        switch self {
        case .largestID: ids.firstIndex(of: ids.max() ?? 0) ?? 0
        case .token(let id): ids.firstIndex(of: id) ?? 0
        }
    }
}
