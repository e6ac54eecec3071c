import SanaEdge
import SanaModel

/// What CLIP says of a picture or a text: a direction, whose length means nothing.
public struct CLIPFeatures: Sendable, Equatable {
    public let values: [Float]

    /// - Parameter layer: the layer that the numbers come from, for the error.
    /// - Throws: `ActivationError` where they are not finite.
    init(_ features: [Float], of layer: String) throws(ActivationError) {
        guard features.allSatisfy(\.isFinite) else { throw .notFinite(layer: layer) }
        values = features
    }

    /// The cosine of the angle between the two, from -1 to 1.
    public func similarity(_ other: CLIPFeatures) -> Double {
        let lengths = dot(values, values) * dot(other.values, other.values)
        guard lengths > 0 else { return 0 }
        return max(-1, min(1, dot(values, other.values) / lengths.squareRoot()))
    }

    /// The CLIP score of a picture and a text, 100 · max(cosine, 0) (arXiv 2104.08718, with the factor that is usual).
    public func score(_ other: CLIPFeatures) -> Double { 100 * max(similarity(other), 0) }
}

private func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
