import SanaEdge
import SanaModel
import TestSupport
import Testing

/// Ids as transformers' GemmaTokenizer gives them (calibration/goldens/tokenizer.py).
@Suite struct TokenizerGoldenTests {
    private func expectGoldenIDs(_ tokenizer: Tokenizer, _ golden: JSON) throws {
        let cases = try #require(golden["cases"]?.arrayValue)
        #expect(cases.count > 100)
        for entry in cases {
            let text = try #require(entry["text"]?.stringValue)
            let ids = try #require(entry["ids"]?.arrayValue).compactMap(\.intValue).map(Int32.init)
            #expect(try tokenizer.encode(text) == ids, "\(quoted(text))")
            for limit in [0, 1, 3, 50] {
                #expect(
                    try tokenizer.encode(text, limit: limit) == Array(ids.prefix(limit)), "\(quoted(text))")
            }
        }
    }

    @Test func theReferenceModelsIDsAreThoseOfTransformers() throws {
        let tables = try TokenizerTables(folder: "\(Fixtures.referenceModel)/tokenizer")
        try expectGoldenIDs(Tokenizer(tables), Fixtures.json("tokenizer/reference.json"))
    }

    @Test(arguments: 0..<8)
    func theIDsOfGeneratedVocabulariesAreThoseOfTransformers(seed: Int) throws {
        let golden = try Fixtures.json("tokenizer/generated-\(seed).json")
        let folder = try TemporaryFolder()
        let file = try #require(golden["tokenizer"])
        try folder.put(file.serialized(), "tokenizer.json")
        if let configuration = golden["configuration"], !configuration.isNull {
            try folder.put(configuration.serialized(), "tokenizer_config.json")
        }
        let tables = try TokenizerTables(folder: folder.path)
        try expectGoldenIDs(Tokenizer(tables), golden)
        try expectGoldenIDs(Tokenizer(TokenizerTables(blob: tables.encoded())), golden)
    }
}
