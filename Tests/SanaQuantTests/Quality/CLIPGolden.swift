import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// What transformers computes with a CLIP checkpoint (Tests/Fixtures/clip, made by calibration/goldens/clip.py).
struct CLIPGolden: CustomTestStringConvertible, Sendable {
    let name: String

    /// The reference model's own, and random ones that differ from it in all that they can.
    static let all = ["reference", "gelu-patch14", "quick-patch32", "exact-size"].map(CLIPGolden.init)
    static let pictures = ["square", "wide", "tall", "small", "exact"]

    var testDescription: String { name }

    var path: String {
        name == "reference" ? "\(Fixtures.referenceModel)/clip" : Fixtures.path("clip/\(name)")
    }

    func folder() throws -> CLIPFolder { try CLIPFolder(path: path) }

    var details: JSON {
        get throws { try #require(try Fixtures.json("clip/clip.json")["models"]?[name]) }
    }

    /// Prompts with the ids that they have.
    var texts: [(prompt: String, ids: [Int])] {
        get throws {
            try #require(try details["texts"]?.arrayValue).map { text in
                (
                    try #require(text["prompt"]?.stringValue),
                    try #require(text["ids"]?.arrayValue).compactMap(\.intValue)
                )
            }
        }
    }

    func values(_ tensor: String) throws -> [Float] {
        let file = try SafetensorsFile(path: Fixtures.path("clip/\(name).safetensors"))
        let entry = try #require(file.entries.first { $0.name == ByteString(tensor) }, "\(tensor)")
        let bytes = try file.tensor(entry).readBytes(elements: 0..<entry.shape.reduce(1, *))
        return RowQuantizer.widen(bytes, as: .f32)
    }

    static func picture(_ name: String) throws -> RGBImage { try Fixtures.picture("clip/\(name).png") }

    static func compute(threads: Int = 2) throws -> Compute {
        Compute(threads: threads, tier: try Tier.selected())
    }
}

/// 1 - cosine, in double precision.
func cosineDistance(_ found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count else { return .infinity }
    func dot(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return 1 - dot(found, expected) / (dot(found, found) * dot(expected, expected)).squareRoot()
}
