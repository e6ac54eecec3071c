/// The vocabulary, to which added tokens are added one by one: those that it does not have get the next ids.
struct TokenList {
    private(set) var vocabulary: Vocabulary
    private(set) var added: [AddedToken] = []
    private var index: TokenIndex
    private var ids: Set<Int> = []
    private let file: String

    init(vocabulary: Vocabulary, index: TokenIndex, file: String) {
        self.vocabulary = vocabulary
        self.index = index
        self.file = file
    }

    func id(_ token: ByteString?) -> Int32? {
        token.flatMap { index.find($0.bytes[...], in: vocabulary) }.map(Int32.init)
    }

    mutating func add(_ record: AddedTokenRecord) throws {
        // As in the tokenizers library, an empty token is none.
        if record.content.bytes.isEmpty { return }
        let known = index.find(record.content.bytes[...], in: vocabulary)
        let id = known ?? vocabulary.count
        if let stated = record.id, stated != id {
            throw TokenizerError.addedTokenID(
                file: file, token: record.content.string, found: stated, expected: id)
        }
        guard ids.insert(id).inserted else {
            throw TokenizerError.duplicateAddedToken(file: file, token: record.content.string)
        }
        if known == nil {
            guard vocabulary.count < Vocabulary.tokenLimit else {
                throw TokenizerError.tooManyTokens(file: file, limit: Vocabulary.tokenLimit)
            }
            vocabulary.append(record.content.bytes)
            _ = index.insert(id, of: vocabulary)
        }
        added.append(record.token(id: Int32(id)))
    }

    /// Adds a token with a role, if it has an id and is not there yet. One without an id has no row in the text
    /// encoder's embedding either.
    mutating func addKnown(_ record: AddedTokenRecord) {
        guard let id = index.find(record.content.bytes[...], in: vocabulary), ids.insert(id).inserted else {
            return
        }
        added.append(record.token(id: Int32(id)))
    }
}
