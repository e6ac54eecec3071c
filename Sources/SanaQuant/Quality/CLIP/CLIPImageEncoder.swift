import SanaEdge
import SanaModel

/// CLIP's vision transformer: a picture in, its features out.
public struct CLIPImageEncoder {
    private let config: CLIPConfig
    private let settings: CLIPImageSettings
    private let file: String
    private let compute: Compute
    private let patchEmbedding: Weight  // (width, 3 · patch²)
    private let classEmbedding: Buffer<Float>  // (width)
    private let positions: Buffer<Float>  // (1 + patches², width)
    private let inputNorm: CLIPNorm
    private let tower: CLIPTower
    private let outputNorm: CLIPNorm
    private let projection: Weight  // (projection, width)

    /// Reads the weights.
    public init(_ folder: CLIPFolder, compute: Compute) throws {
        config = folder.config
        settings = folder.imageSettings
        file = folder.path
        self.compute = compute
        let (width, patch) = (config.vision.width, config.patchSize)
        let weights = CLIPWeights(tensors: folder.tensors)
        let embeddings = "vision_model.embeddings"
        patchEmbedding = try weights.weight(
            "\(embeddings).patch_embedding.weight", [width, 3, patch, patch])
        classEmbedding = try weights.vector("\(embeddings).class_embedding", [width])
        positions = try weights.vector(
            "\(embeddings).position_embedding.weight", [1 + config.patches * config.patches, width])
        let epsilon = config.vision.normEpsilon
        // The name is misspelled in every checkpoint.
        inputNorm = try weights.norm("vision_model.pre_layrnorm", width, epsilon: epsilon)
        tower = try CLIPTower(config.vision, name: "vision_model", weights: weights, compute: compute)
        outputNorm = try weights.norm("vision_model.post_layernorm", width, epsilon: epsilon)
        projection = try weights.weight("visual_projection.weight", [config.projection, width])
    }

    /// The features of a picture.
    ///
    /// - Throws: `CLIPError`, `ActivationError`.
    public func encode(_ image: RGBImage) throws -> CLIPFeatures {
        let width = config.vision.width
        let patches = try patches(of: image)
        let x = Matrix(rows: 1 + patches.rows, columns: width)
        let body = x.rows(1..<x.rows)
        try compute.linear(
            patches, patchEmbedding, bias: nil, .store(.none), into: body, layer: "patch_embedding")
        for channel in 0..<width { x[0, channel] = classEmbedding[channel] }
        compute.add(Matrix(rows: x.rows, columns: width, buffer: positions), into: x)
        compute.normalize(x, inputNorm, into: x)
        try tower.run(x, causal: false)

        let pooled = x.rows(0..<1)
        compute.normalize(pooled, outputNorm, into: pooled)
        let features = Matrix(rows: 1, columns: config.projection)
        try compute.linear(
            pooled, projection, bias: nil, .store(.none), into: features, layer: "visual_projection")
        return try CLIPFeatures(features.array, of: "visual_projection")
    }

    /// The patches of a prepared picture, row by row: (patches², 3 · patch²), channel by channel.
    private func patches(of image: RGBImage) throws -> Matrix {
        if case .shortestEdge = settings.resize,
            max(image.width, image.height) > CLIPError.aspectLimit * min(image.width, image.height)
        {
            throw CLIPError.aspect(width: image.width, height: image.height)
        }
        let pixels = settings.pixelValues(image)
        guard pixels.width == config.imageSize, pixels.height == config.imageSize else {
            throw CLIPError.size(
                folder: file, width: pixels.width, height: pixels.height, expected: config.imageSize)
        }
        let (side, patch, count) = (config.imageSize, config.patchSize, config.patches)
        var values: [Float] = []
        values.reserveCapacity(count * count * 3 * patch * patch)
        for top in 0..<count {
            for left in 0..<count {
                for channel in 0..<3 {
                    for row in 0..<patch {
                        let start = (channel * side + top * patch + row) * side + left * patch
                        values.append(contentsOf: pixels.values[start..<start + patch])
                    }
                }
            }
        }
        return Matrix(rows: count * count, columns: 3 * patch * patch, values)
    }
}
