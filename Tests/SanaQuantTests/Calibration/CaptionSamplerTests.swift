import SanaModel
import SanaQuant
import Testing

@Suite struct CaptionSamplerTests {
    private struct LengthScorer: CaptionScorer {
        func scores(image: String, captions: [String]) throws -> [Double] {
            #expect(image == "scene.png")
            return captions.map { Double($0.count) }
        }
    }

    /// exp(0 / 2) : exp(1 / 2) : exp(3 / 2)
    @Test func captionsComeAsOftenAsTheSoftmaxOfTheirScoresSays() throws {
        let count = 20_000
        let scene = CaptionedScene(captions: ["a", "b", "c"], scores: [25, 26, 28])
        let sampler = CaptionSampler(temperature: 2, seed: 7)
        let drawn = try sampler.sample([CaptionedScene](repeating: scene, count: count))
        for (caption, share) in [("a", 0.1402), ("b", 0.2312), ("c", 0.6285)] {
            let found = Double(drawn.filter { $0 == caption }.count) / Double(count)
            #expect(abs(found - share) < 0.015, "\(caption) \(found)")
        }
    }

    @Test func theSameSeedDrawsTheSameCaptions() throws {
        let scenes = [CaptionedScene](
            repeating: CaptionedScene(captions: ["a", "b"], scores: [25, 25]), count: 64)
        let first = try CaptionSampler(temperature: 1, seed: 1).sample(scenes)
        #expect(try CaptionSampler(temperature: 1, seed: 1).sample(scenes) == first)
        #expect(try CaptionSampler(temperature: 1, seed: 2).sample(scenes) != first)
    }

    @Test func aLowTemperatureDrawsTheBestCaption() throws {
        let scene = CaptionedScene(captions: ["a", "b", "c"], scores: [20, 30, 29])
        let drawn = try CaptionSampler(temperature: 1e-3, seed: 3).sample(
            [CaptionedScene](repeating: scene, count: 50))
        #expect(Set(drawn) == ["b"])
    }

    @Test func aScorerFillsInWhatIsMissing() throws {
        let scene = CaptionedScene(captions: ["short", "the longest of all"], image: "scene.png")
        let sampler = CaptionSampler(temperature: 0.1, seed: 0)
        #expect(try sampler.sample([scene], scorer: LengthScorer()) == ["the longest of all"])
        #expect(throws: CaptionsError.noScores(scene: 0, hasImage: true)) { try sampler.sample([scene]) }
        #expect(try sampler.sample([CaptionedScene(captions: ["alone"])]) == ["alone"])
    }

    @Test func scenesAreReadLineByLine() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            """
            \u{FEFF}# scenes
            {"captions": ["a red ring", "a ring"], "scores": [28, 26.5]}

            {"captions": ["a cube"], "image": "cube.png"}
            """.utf8, to: "scenes.jsonl")
        #expect(
            try CaptionsFile.read(path) == [
                CaptionedScene(captions: ["a red ring", "a ring"], scores: [28, 26.5]),
                CaptionedScene(captions: ["a cube"], image: folder.path("cube.png")),
            ])
    }

    @Test(arguments: [
        "", "# nothing", "[]", "{}", #"{"captions": []}"#, #"{"captions": [1]}"#, #"{"captions": "a"}"#,
        #"{"captions": ["a"], "scores": []}"#, #"{"captions": ["a"], "scores": ["1"]}"#,
        #"{"captions": ["a"], "scores": [NaN]}"#, #"{"captions": ["a"], "image": 1}"#,
        #"{"captions": ["a"], "score": [1]}"#, #"{"captions": ["a\u0000b"]}"#,
    ])
    func whatIsNoSceneIsRefused(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(text.utf8, to: "scenes.jsonl")
        let error = #expect(throws: (any Error).self) { try CaptionsFile.read(path) }
        let failure = try #require(error as? any Failure)
        #expect(failure.exitCode == .badInput && failure.description.hasSuffix("."))
    }
}
