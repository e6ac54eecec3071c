import SanaModel
import TestSupport
import Testing

@Suite struct TokenizerFileTests {
    private let folder: TestSupport.TemporaryFolder
    private var path: String { folder.path("tokenizer.json") }

    init() throws {
        folder = try TestSupport.TemporaryFolder()
    }

    private func open(
        mergesFirst: Bool = false, _ change: (inout TokenizerForge) -> Void = { _ in }
    ) throws -> TokenizerTables {
        var forge = TokenizerForge()
        change(&forge)
        try forge.write(in: folder, mergesFirst: mergesFirst)
        return try TokenizerTables(folder: folder.path)
    }

    // MARK: What is accepted

    @Test func tablesAreRead() throws {
        let tables = try open()
        #expect(tables.idCount == 10)
        #expect(tables.baseCount == 10)
        #expect(Array(tables.vocabulary[9]) == Array("▁a".utf8))
        #expect(tables.merges.count == 2)
        #expect(tables.merges.rank(6, 7) == 0)
        #expect(tables.merges.rank(5, 6) == 1)
        #expect(tables.merges.rank(7, 6) == nil)
        #expect(tables.merges.result(ofRank: 0) == 8)
        #expect(tables.prefix == [2])
        #expect(tables.unknown == 3)
        #expect(tables.beginOfSequence == 2)
        #expect(tables.endOfSequence == 1)
        #expect(tables.padding == 0)
        #expect(tables.addedTokens.map(\.id) == [0, 1, 2, 3, 4])
        #expect(try TokenizerTables(tokenizerJSON: path) == tables)
    }

    @Test func mergesMayBeWrittenAsTextAndBeforeTheVocabulary() throws {
        let tables = try open()
        #expect(try open { $0.merges = ["a b", "▁ a"] } == tables)
        #expect(try open(mergesFirst: true) == tables)
        #expect(try open(mergesFirst: true) { $0.merges = ["a b", "▁ a"] } == tables)
    }

    @Test func theVocabularysOrderIsThatOfItsIDs() throws {
        let tables = try open()
        #expect(try open { $0.vocabulary.reverse() } == tables)
    }

    @Test func canonicallyEquivalentTokensAreDifferentTokens() throws {
        let tables = try open {
            $0.vocabulary += [
                ("\u{e9}", 10), ("e", 11), ("\u{301}", 12), ("e\u{301}", 13), ("\u{212a}", 14), ("K", 15),
            ]
            $0.merges = [["e", "\u{301}"]]
        }
        #expect(tables.idCount == 16)
        #expect(tables.merges.rank(11, 12) == 0)
        #expect(tables.merges.result(ofRank: 0) == 13)
    }

    @Test func optionsWithoutEffectOnIDsAreAccepted() throws {
        let tables = try open()
        let replace = TokenizerForge().parts["normalizer"] ?? nil
        #expect(
            try open { $0.parts["normalizer"] = ["type": "Sequence", "normalizers": [replace]] } == tables)
        let template = TokenizerForge().parts["post_processor"] ?? nil
        #expect(
            try open { $0.parts["post_processor"] = ["type": "Sequence", "processors": [template]] } == tables
        )
        #expect(
            try open {
                $0.parts["pre_tokenizer"] = [
                    "type": "Split", "pattern": ["String": " "], "behavior": "MergedWithPrevious",
                    "invert": false,
                ]
            } == tables)
        #expect(try open { $0.parts["truncation"] = ["max_length": 3, "direction": "Right"] } == tables)
        #expect(try open { $0.configuration = ["truncation_side": "right"] } == tables)
        #expect(try open { $0.model["dropout"] = 0.0 } == tables)
        #expect(try open { $0.model["ignore_merges"] = nil } == tables)
    }

    @Test func thePostProcessorAloneDecidesWhatStandsBeforeAText() throws {
        // As transformers has it, which drops `add_bos_token` where there is a tokenizer.json.
        #expect(try open { $0.configuration = ["add_bos_token": false] }.prefix == [2])
        #expect(
            try open {
                $0.parts["post_processor"] = nil as JSON
                $0.configuration = ["add_bos_token": true]
            }.prefix == [])
    }

    // MARK: Added tokens

    @Test func anAddedTokenThatTheVocabularyLacksGetsTheNextID() throws {
        let tables = try open {
            $0.addedTokens += [
                TokenizerForge.added("<new>", id: 10), TokenizerForge.added("b", id: 7, normalized: true),
            ]
        }
        #expect(tables.baseCount == 10)
        #expect(tables.idCount == 11)
        #expect(Array(tables.vocabulary[10]) == Array("<new>".utf8))
        #expect(tables.addedTokens.last?.id == 7)
        #expect(tables.addedTokens.last?.isNormalized == true)
    }

    @Test(arguments: [(11, "<new>", 10), (3, "<new>", 10), (8, "b", 7), (-1, "<new>", 10)])
    func anAddedTokenWithAnotherIDIsRejected(id: Int, token: String, expected: Int) {
        #expect(
            throws: TokenizerError.addedTokenID(file: path, token: token, found: id, expected: expected)
        ) { try open { $0.addedTokens.append(TokenizerForge.added(token, id: id)) } }
    }

    @Test func anAddedTokenGivenTwiceIsRejected() {
        #expect(throws: TokenizerError.duplicateAddedToken(file: path, token: "<bos>")) {
            try open { $0.addedTokens.append(TokenizerForge.added("<bos>", id: 2, special: false)) }
        }
    }

    @Test(arguments: ["{}", "1", #"{"content":1}"#, #"{"content":"a","lstrip":1}"#])
    func aMalformedAddedTokenIsRejected(record: String) throws {
        let json = try JSON.parse(Array(record.utf8), name: "record")
        #expect(throws: TokenizerError.malformedAddedToken(file: path)) {
            try open { $0.addedTokens.append(json) }
        }
    }

    @Test func theConfigurationsListReplacesTheFiles() throws {
        let tables = try open {
            $0.addedTokens.append(TokenizerForge.added("b", id: 7))
            $0.configuration = [
                "added_tokens_decoder": ["6": TokenizerForge.added("a", id: 6)],
                "extra_special_tokens": ["ab", "<none>"],
            ]
        }
        // Tokens with a role come along, those without an id do not.
        #expect(Set(tables.addedTokens.map(\.id)) == [6, 8, 0, 1, 2, 3, 4])
        #expect(tables.addedTokens.first?.id == 6)
        #expect(tables.idCount == 10)
    }

    @Test func rolesComeFromTheConfiguration() throws {
        let tables = try open {
            $0.configuration = ["unk_token": "<pad>", "bos_token": ["content": "a"], "pad_token": nil]
        }
        #expect(tables.unknown == 0)
        #expect(tables.beginOfSequence == 6)
        #expect(tables.padding == nil)
        #expect(tables.endOfSequence == 1)
    }

    @Test func aMissingUnknownTokenIsRejected() {
        #expect(throws: TokenizerError.noUnknownToken(file: path, token: "<none>")) {
            try open { $0.configuration = ["unk_token": "<none>"] }
        }
    }

    @Test func splittingSpecialTokensIsRefusedByName() {
        #expect(throws: TokenizerError.self) {
            try open { $0.configuration = ["split_special_tokens": true] }
        }
    }

    @Test func truncationAtTheBeginningIsRefusedByName() {
        #expect(throws: TokenizerError.self) { try open { $0.configuration = ["truncation_side": "left"] } }
        #expect(throws: TokenizerError.self) { try open { $0.parts["truncation"] = ["direction": "Left"] } }
    }

    // MARK: The vocabulary

    @Test(arguments: [(10, 12), (0, -1), (5, 1 << 32), (3, 1 << 20)])
    func anIDOutOfRangeIsRejected(position: Int, id: Int) throws {
        let error = #expect(throws: TokenizerError.self) {
            try open {
                $0.vocabulary.append(("z", 10))
                $0.vocabulary[position].id = .integer(id)
            }
        }
        guard case .idOutOfRange(_, _, id, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func aHoleInTheIDsIsRejected() {
        #expect(throws: TokenizerError.idOutOfRange(file: path, token: "z", id: 11, count: 11)) {
            try open { $0.vocabulary.append(("z", 11)) }
        }
    }

    @Test func aDuplicateIDIsRejected() {
        #expect(throws: TokenizerError.duplicateID(file: path, id: 7, first: "b", second: "z")) {
            try open { $0.vocabulary.append(("z", 7)) }
        }
    }

    @Test func aDuplicateTokenIsRejected() {
        #expect(throws: TokenizerError.duplicateToken(file: path, token: "a")) {
            try open { $0.vocabulary.append(("a", 10)) }
        }
    }

    @Test(arguments: ["\"1\"", "1.5", "null", "1e1"])
    func anIDThatIsNoIntegerIsRejected(id: String) throws {
        let json = try JSON.parse(Array(id.utf8), name: "id")
        #expect(throws: JSONError.self) { try open { $0.vocabulary.append(("z", json)) } }
    }

    @Test func aTokenBeyondTheLimitIsRejected() {
        let token = String(repeating: "z", count: 1025)
        #expect(throws: TokenizerError.tokenTooLong(file: path, token: token, limit: 1024)) {
            try open { $0.vocabulary.append((token, 10)) }
        }
    }

    // MARK: Merges

    @Test(arguments: [
        ("[\"a\"]", false), ("[\"a\",\"b\",\"ab\"]", false), ("[]", false), ("\"ab\"", false),
        ("\"a b c\"", false),
        ("\"\"", false), ("1", true), ("[1,2]", true), ("null", true),
    ])
    func aMalformedMergeIsRejected(merge: String, isAnotherType: Bool) throws {
        let json = try JSON.parse(Array(merge.utf8), name: "merge")
        let error = #expect(throws: (any Error).self) { try open { $0.merges = [["a", "b"], json] } }
        if isAnotherType {
            #expect(error is JSONError)
        } else {
            #expect(error as? TokenizerError == .malformedMerge(file: path, merge: 1))
        }
    }

    @Test func aMergeOfAnUnknownTokenIsRejected() {
        #expect(throws: TokenizerError.mergeOfUnknownToken(file: path, merge: 1, token: "z")) {
            try open { $0.merges = [["a", "b"], ["a", "z"]] }
        }
    }

    @Test func aMergeIntoAnUnknownTokenIsRejected() {
        #expect(throws: TokenizerError.mergeIntoUnknownToken(file: path, merge: 1, token: "ba")) {
            try open { $0.merges = [["a", "b"], ["b", "a"]] }
        }
    }

    @Test func aMergeIntoAnAddedTokenIsRejected() {
        #expect(throws: TokenizerError.mergeIntoUnknownToken(file: path, merge: 0, token: "ba")) {
            try open {
                $0.merges = [["b", "a"]]
                $0.addedTokens.append(TokenizerForge.added("ba", id: 10))
            }
        }
    }

    @Test func aDuplicateMergeIsRejected() {
        #expect(throws: TokenizerError.duplicateMerge(file: path, merge: 2)) {
            try open { $0.merges = [["a", "b"], ["▁", "a"], ["a", "b"]] }
        }
    }

    // MARK: Other tokenizers

    @Test(arguments: [
        ("normalizer", "null"), ("normalizer", #"{"type":"NFKC"}"#),
        ("normalizer", #"{"type":"Replace","pattern":{"String":" "},"content":"_"}"#),
        ("normalizer", #"{"type":"Replace","pattern":{"Regex":" "},"content":"▁"}"#),
        ("normalizer", #"{"type":"Prepend","prepend":"▁"}"#),
        ("normalizer", #"{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"}]}"#),
        ("pre_tokenizer", #"{"type":"ByteLevel"}"#), ("pre_tokenizer", #"{"type":"Metaspace"}"#),
        ("pre_tokenizer", #"{"type":"Split","pattern":{"String":"a"},"behavior":"MergedWithPrevious"}"#),
        ("post_processor", #"{"type":"ByteLevel"}"#), ("post_processor", #"{"type":"TemplateProcessing"}"#),
        ("post_processor", #"{"type":"TemplateProcessing","single":[]}"#),
        (
            "post_processor",
            #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}]}"#
        ),
        (
            "post_processor",
            #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"x"}}]}"#
        ),
        ("grammar", "{}"),
    ])
    func anotherPipelineIsRefusedByName(key: String, value: String) throws {
        let json = try JSON.parse(Array(value.utf8), name: key)
        let error = #expect(throws: TokenizerError.self) { try open { $0.parts[key] = json } }
        guard case .unsupported(_, key, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        ("type", "\"Unigram\""), ("fuse_unk", "false"), ("byte_fallback", "false"), ("ignore_merges", "true"),
        ("dropout", "0.1"), ("continuing_subword_prefix", "\"##\""), ("end_of_word_suffix", "\"</w>\""),
        ("vocab_file", "\"x\""),
    ])
    func anotherModelIsRefusedByName(key: String, value: String) throws {
        let json = try JSON.parse(Array(value.utf8), name: key)
        let error = #expect(throws: TokenizerError.self) { try open { $0.model[key] = json } }
        guard case .unsupported(_, key, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["type", "fuse_unk", "byte_fallback"])
    func aMissingOptionIsRejected(key: String) {
        #expect(throws: TokenizerError.missing(file: path, key: key)) { try open { $0.model[key] = nil } }
    }

    @Test(arguments: [10, -1, 1 << 40])
    func aPrefixOutOfRangeIsRejected(id: Int) {
        #expect(throws: TokenizerError.self) {
            try open {
                $0.parts["post_processor"] = TokenizerForge.template(prefix: ["x"], ids: [.integer(id)])
            }
        }
    }

    @Test func anEndlessPrefixIsRejected() {
        #expect(throws: TokenizerError.self) {
            try open {
                $0.parts["post_processor"] = TokenizerForge.template(
                    prefix: ["x"], ids: Array(repeating: 2, count: 100))
            }
        }
    }

    @Test func aHugePartIsRejected() {
        #expect(throws: TokenizerError.partTooLarge(file: path, key: "normalizer", limit: 1 << 20)) {
            try open { $0.parts["normalizer"] = .array(Array(repeating: 1, count: 1 << 20)) }
        }
    }

    @Test func aFileWithoutAModelIsRejected() throws {
        try folder.put("{}", "tokenizer.json")
        #expect(throws: TokenizerError.missing(file: path, key: "model")) {
            try TokenizerTables(folder: folder.path)
        }
        try folder.put(
            #"{"model":{"type":"BPE","fuse_unk":true,"byte_fallback":true,"merges":[]}}"#, "tokenizer.json")
        #expect(throws: TokenizerError.missing(file: path, key: "vocab")) {
            try TokenizerTables(folder: folder.path)
        }
    }

    @Test func everyTruncationIsRejected() throws {
        let text = Array(TokenizerForge().json().utf8)
        for length in stride(from: 0, to: text.count, by: 7) {
            try folder.put(Array(text[..<length]), "tokenizer.json")
            #expect(throws: (any Error).self) { try TokenizerTables(folder: folder.path) }
        }
    }
}
