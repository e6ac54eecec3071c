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
        guard (1...Self.stepLimit).contains(steps) else {
            throw GenerationError.steps(found: steps, limit: Self.stepLimit)
        }
        guard (0...1000).contains(guidance) else { throw GenerationError.guidance(found: "\(guidance)") }

        let sampleSize = configs.transformer.sampleSize
        let table = ResolutionBinning(sampleSize: sampleSize)
        if settings.binning == true && table == nil {
            throw GenerationError.noBinning(sampleSize: sampleSize)
        }
        if settings.binning != false, let table {
            (drawnWidth, drawnHeight) = table.bin(width: width, height: height)
        } else {
            (drawnWidth, drawnHeight) = (width, height)
        }
        let factor = configs.sizeFactor
        guard drawnWidth.isMultiple(of: factor), drawnHeight.isMultiple(of: factor) else {
            throw GenerationError.sizeFactor(width: drawnWidth, height: drawnHeight, factor: factor)
        }
        latentShape = [
            configs.transformer.inChannels, drawnHeight / configs.decoder.factor,
            drawnWidth / configs.decoder.factor,
        ]
    }

    /// The noise of a request: its own latents, or its seed's.
    package func noise(_ request: GenerationRequest) throws -> Latents {
        guard let latents = request.latents else {
            var normals = Normals(seed: request.seed)
            return Latents(
                channels: latentShape[0], height: latentShape[1], width: latentShape[2],
                values: normals.draw(latentShape.reduce(1, *)))
        }
        let found = [latents.channels, latents.height, latents.width]
        guard found == latentShape else {
            throw GenerationError.latents(expected: [1] + latentShape, found: [1] + found)
        }
        guard latents.values.allSatisfy(\.isFinite) else { throw GenerationError.latentsNotFinite }
        return latents
    }
}
