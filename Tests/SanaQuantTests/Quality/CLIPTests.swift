import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// CLIP against transformers.
@Suite struct CLIPTests {
    /// Of the cosine distance between features; a thousandth is what scores can bear.
    static let tolerance = 2e-6

    @Test(arguments: CLIPGolden.all) func tokensAreThoseOfTransformers(_ golden: CLIPGolden) throws {
        let tokenizer = CLIPTokenizer(try golden.folder().tokenizerTables)
        let limit = try #require(try golden.details["limit"]?.intValue)
        for (prompt, ids) in try golden.texts {
            #expect(tokenizer.encode(Array(prompt.utf8), limit: limit).map(Int.init) == ids, "\(prompt)")
        }
    }

    @Test(arguments: CLIPGolden.all) func textFeaturesAreThoseOfTransformers(_ golden: CLIPGolden) throws {
        let encoder = try CLIPTextEncoder(golden.folder(), compute: CLIPGolden.compute())
        for (index, text) in try golden.texts.enumerated() {
            let found = try encoder.encode(Array(text.prompt.utf8)).values
            let distance = cosineDistance(found, try golden.values("text.\(index)"))
            #expect(distance <= Self.tolerance, "\(text.prompt)")
        }
    }

    @Test(arguments: CLIPGolden.all) func pixelsAreThoseOfTransformers(_ golden: CLIPGolden) throws {
        let settings = try golden.folder().imageSettings
        for name in CLIPGolden.pictures {
            let pixels = settings.pixelValues(try CLIPGolden.picture(name))
            var kept: [Float] = []
            for channel in 0..<3 {
                for row in stride(from: 0, to: pixels.height, by: 7) {
                    let start = (channel * pixels.height + row) * pixels.width
                    for column in stride(from: 0, to: pixels.width, by: 3) {
                        kept.append(pixels.values[start + column])
                    }
                }
            }
            #expect(kept == (try golden.values("pixels.\(name)")), "\(name)")
        }
    }

    @Test(arguments: CLIPGolden.all) func imageFeaturesAreThoseOfTransformers(_ golden: CLIPGolden) throws {
        let encoder = try CLIPImageEncoder(golden.folder(), compute: CLIPGolden.compute())
        for name in CLIPGolden.pictures {
            let found = try encoder.encode(CLIPGolden.picture(name)).values
            #expect(cosineDistance(found, try golden.values("image.\(name)")) <= Self.tolerance, "\(name)")
        }
    }

    @Test func featuresDoNotDependOnTheThreads() throws {
        let folder = try CLIPGolden.all[0].folder()
        let picture = try CLIPGolden.picture("wide")
        let features = try [1, 2, 3].map { threads in
            let compute = try CLIPGolden.compute(threads: threads)
            return (
                try CLIPImageEncoder(folder, compute: compute).encode(picture),
                try CLIPTextEncoder(folder, compute: compute).encode(Array("a red circle".utf8))
            )
        }
        #expect(features.allSatisfy { $0 == features[0] })
    }

    @Test func scaledPicturesAreThoseOfPillow() throws {
        let cases = try #require(try Fixtures.json("clip/clip.json")["resized"]?.arrayValue)
        #expect(cases.count == 42)
        let filters: [String: CLIPImageSettings.Filter] = [
            "nearest": .nearest, "lanczos": .lanczos, "bilinear": .bilinear, "bicubic": .bicubic, "box": .box,
            "hamming": .hamming,
        ]
        for details in cases {
            let picture = try CLIPGolden.picture(try #require(details["picture"]?.stringValue))
            let scaled = picture.resized(
                width: try #require(details["width"]?.intValue),
                height: try #require(details["height"]?.intValue),
                filter: try #require(details["filter"]?.stringValue.flatMap { filters[$0] }))
            let hash = scaled.pixels.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { state, byte in
                (state ^ UInt64(byte)) &* 0x100_0000_01B3
            }
            let digits = String(hash, radix: 16)
            let padded = String(repeating: "0", count: 16 - digits.count) + digits
            #expect(padded == details["hash"]?.stringValue, "\(details)")
        }
    }
}
