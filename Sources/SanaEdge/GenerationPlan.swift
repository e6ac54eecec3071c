import SanaModel

/// The settings of a run with everything decided: what is drawn, and what becomes of it.
public struct GenerationPlan: Sendable, Equatable {
    /// Size of the finished picture, in pixels.
    public let width: Int
    public let height: Int
    /// Size at which the model draws, in pixels.
    public let drawnWidth: Int
    public let drawnHeight: Int
    public let steps: Int
    public let guidance: Double
    /// Whether each pass also has the negative prompt, for classifier-free guidance.
    public let usesNegativePrompt: Bool
    /// Shape of the latents: channels, rows, columns.
    public let latentShape: [Int]

    /// The longest side of a picture, in pixels.
    static let sideLimit = 16384
    static let stepLimit = 1000

    public init(_ settings: GenerationSettings, configs: ModelConfigs, defaults: Manifest.Defaults) throws {
        width = settings.width ?? defaults.width
        height = settings.height ?? defaults.height
        steps = settings.steps ?? defaults.steps
        guidance = settings.guidance ?? defaults.guidance
        for (side, length) in [("width", width), ("height", height)] {
            guard (1...Self.sideLimit).contains(length) else {
                throw GenerationError.size(side: side, found: length, limit: Self.sideLimit)
            }
        }
        let stepLimit = configs.scheduler.stepLimit ?? Self.stepLimit
        guard (1...stepLimit).contains(steps) else {
            throw GenerationError.steps(found: steps, limit: stepLimit)
        }
        guard (0...1000).contains(guidance) else { throw GenerationError.guidance(found: "\(guidance)") }

        let sampleSize = configs.transformer.sampleSize
        let table = configs.binsSizes ? ResolutionBinning(sampleSize: sampleSize) : nil
        if settings.binning == true && table == nil {
            throw GenerationError.noBinning(sampleSize: sampleSize)
        }
        let factor = configs.sizeFactor
        if settings.binning != false, let table {
            let bin = table.bin(width: width, height: height)
            // As diffusers does for a decoder of a larger factor than those that the table is for.
            (drawnWidth, drawnHeight) = (bin.width / factor * factor, bin.height / factor * factor)
        } else {
            (drawnWidth, drawnHeight) = (width, height)
        }
        guard drawnWidth > 0, drawnHeight > 0, drawnWidth.isMultiple(of: factor),
            drawnHeight.isMultiple(of: factor)
        else {
            throw GenerationError.sizeFactor(width: drawnWidth, height: drawnHeight, factor: factor)
        }
        usesNegativePrompt = !configs.isFewStep && guidance > 1
        latentShape = [
            configs.transformer.inChannels, drawnHeight / configs.decoder.factor,
            drawnWidth / configs.decoder.factor,
        ]
    }

    /// Elements of one pass of the transformer for one picture.
    var batch: Int { usesNegativePrompt ? 2 : 1 }

    /// A request's generator where the steps' own noise begins: behind the draw of the first noise, or, where that
    /// came with the request, at the start.
    func normals(_ request: GenerationRequest) -> Normals {
        var normals = Normals(seed: request.seed)
        if request.latents == nil { _ = normals.draw(latentShape.reduce(1, *)) }
        return normals
    }

    /// The noise of a request: its own latents, or its seed's.
    func noise(_ request: GenerationRequest) throws -> Latents {
        try check(request)
        if let latents = request.latents { return latents }
        var normals = Normals(seed: request.seed)
        return Latents(
            channels: latentShape[0], height: latentShape[1], width: latentShape[2],
            values: normals.draw(latentShape.reduce(1, *)))
    }

    /// Refuses latents that this picture cannot start from.
    func check(_ request: GenerationRequest) throws(GenerationError) {
        guard let latents = request.latents else { return }
        let found = [latents.channels, latents.height, latents.width]
        guard found == latentShape else {
            throw GenerationError.latents(expected: [1] + latentShape, found: [1] + found)
        }
        guard latents.values.allSatisfy(\.isFinite) else { throw GenerationError.latentsNotFinite }
    }
}
