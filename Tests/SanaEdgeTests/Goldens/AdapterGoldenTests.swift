import SanaEdge
import SanaModel
import SanaQuant
import TestSupport
import Testing

/// Merged weights against what PEFT makes of the same adapters.
@Suite struct AdapterGoldenTests {
    private func pack(_ adapters: [String], in folder: TemporaryFolder) throws -> PackReader {
        let path = folder.path("pack.sanaq")
        var converter = Converter(tool: "tests", checkpoint: Fixtures.referenceModel, output: path)
        converter.policy = "fp16"
        converter.adapters = adapters
        converter.overwrite = true
        _ = try converter.run { _, _, _ in }
        return try PackReader(path: path)
    }

    private func values(_ pack: PackReader, _ layer: String) throws -> [Float] {
        let tensor = try pack.requiredTensor("transformer.\(layer).weight")
        try #require(tensor.elementType == .f16)
        return RowQuantizer.widen(try pack.values(tensor), as: .f16)
    }

    private func adapter(_ name: String) -> String { Fixtures.path("adapters/\(name)") }

    @Test(arguments: Golden.cases(of: "lora.safetensors"))
    func mergedRowsAreThoseOfPEFT(_ name: String) throws {
        let folder = try TemporaryFolder()
        let pack = try pack([adapter(name)], in: folder)
        let golden = try Golden("lora")
        let layers = try #require(
            Golden.details(of: "lora.safetensors")?["cases"]?[name]?["layers"]?.arrayValue)
        for layer in layers.compactMap(\.stringValue) {
            let expected = try golden["\(name).\(layer)"]
            let found = try values(pack, layer)[..<expected.count]
            // Half a step of F16, and float32 sums in another order.
            let isMerged = zip(found, expected).allSatisfy { abs($0 - $1) <= 0x1p-11 * abs($1) + 1e-6 }
            #expect(isMerged, "\(layer)")
            let base = try values(ReferencePack.reader(.fp16), layer)[..<expected.count]
            #expect(largestDifference(base, expected) > 0.01, "\(layer)")
        }
        #expect(pack.manifest.adapters.map(\.layers) == [5])
        // What no adapter names is as it was.
        let other = "transformer_blocks.2.attn1.to_q"
        #expect(try values(pack, other) == values(ReferencePack.reader(.fp16), other))
    }

    @Test func scalesCountAndAdaptersAddUp() throws {
        let folder = try TemporaryFolder()
        let layer = "transformer_blocks.3.attn1.to_q"
        let file = adapter("peft")
        let base = try values(ReferencePack.reader(.fp16), layer)
        let once = try values(pack([file], in: folder), layer)
        let halves = try values(pack(["\(file):0.5", "\(file):0.5"], in: folder), layer)
        let twice = try values(pack(["\(file):2"], in: folder), layer)
        let nothing = try values(pack(["\(file):0"], in: folder), layer)
        #expect(largestDifference(halves, once) <= 0x1p-10)
        #expect(largestDifference(twice, zip(base, once).map { 2 * $1 - $0 }) <= 0x1p-9)
        #expect(nothing == base)
    }
}
