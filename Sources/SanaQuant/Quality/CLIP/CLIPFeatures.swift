import SanaEdge
import SanaModel

/// What CLIP says of a picture or a text: a direction, kept at length 1.
public struct CLIPFeatures: Sendable, Equatable {
    public let values: [Float]

    /// - Parameter layer: the layer that the numbers come from, for the error.
    /// - Throws: `ActivationError` where they are not finite.
    init(_ features: [Float], of layer: String) throws(ActivationError) {
        guard features.allSatisfy(\.isFinite) else { throw .notFinite(layer: layer) }
        let length = features.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        values = length > 0 ? features.map { Float(Double($0) / length) } : features
    }

    /// The cosine of the angle between the two, from -1 to 1.
    public func similarity(_ other: CLIPFeatures) -> Double {
        let cosine = zip(values, other.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        return max(-1, min(1, cosine))
    }

    /// The CLIP score of a picture and a text, 100 · max(cosine, 0) (arXiv 2104.08718, with the factor that is usual).
    public func score(_ other: CLIPFeatures) -> Double { 100 * max(similarity(other), 0) }
}
