import SanaEdge
import SanaModel
import SanaQuant
import Testing

@Suite struct FolderPairsTests {
    private let prompt = QualityPrompt(text: Array("a".utf8), seed: 0)

    /// A folder of gray pictures, each as bright as its place in the list.
    private func folder(_ names: [String], width: Int = 4) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (level, name) in names.enumerated() {
            let pixels = [UInt8](repeating: UInt8(level), count: 3 * width * 4)
            _ = try folder.write(try RGBImage(width: width, height: 4, pixels: pixels).png(), to: name)
        }
        return folder
    }

    private func pictures(_ pairs: FolderPairs, _ count: Int) throws -> [PicturePair] {
        try pairs.pictures((0..<count).map { ($0, prompt) }) { _ in }
    }

    @Test func picturesAreTakenInTheOrderOfTheirNumbers() throws {
        let first = try folder(["a-2-9.png", "a-10-1.PNG", "a-010-2.png", "a-11.png", "b-1.png"])
        _ = try first.write("no picture".utf8, to: "a-3.txt")
        let second = try folder((0..<5).map { "image-\($0).png" })
        let pairs = try FolderPairs(candidate: first.path, reference: second.path, prompts: 5)
        let found = try pictures(pairs, 5)
        #expect(found.map { $0.candidate.pixels[0] } == [0, 1, 2, 3, 4])
        #expect(found.map { $0.reference.pixels[0] } == [0, 1, 2, 3, 4])
    }

    @Test func picturesOfOtherSizesAreRefused() throws {
        let (first, second) = (try folder(["a.png"]), try folder(["a.png"], width: 5))
        let pairs = try FolderPairs(candidate: first.path, reference: second.path, prompts: 1)
        #expect(throws: QualityError.self) { try pictures(pairs, 1) }
    }

    @Test func theNumberOfPicturesIsThatOfThePrompts() throws {
        let first = try folder(["a.png", "b.png"])
        #expect(throws: QualityError.pictureCount(folder: first.path, found: 2, expected: 3)) {
            try FolderPairs(candidate: first.path, reference: first.path, prompts: 3)
        }
    }

    @Test func anyOtherPictureChangesTheFingerprint() throws {
        let (first, second) = (try folder(["a.png", "b.png"]), try folder(["b.png", "a.png"]))
        let pairs = try FolderPairs(candidate: first.path, reference: second.path, prompts: 2)
        #expect(pairs.fingerprints.candidate != pairs.fingerprints.reference)
    }
}
