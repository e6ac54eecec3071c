/// The ways in which a tokenizer's files, or its tables in a pack, are not what a Gemma tokenizer is.
public enum TokenizerError: Failure, Equatable {
    case missing(file: String, key: String)
    case unsupported(file: String, key: String, found: String, supported: String)
    case partTooLarge(file: String, key: String, limit: Int)

    // The vocabulary.
    case tooManyTokens(file: String, limit: Int)
    case tokenTooLong(file: String, token: String, limit: Int)
    case idOutOfRange(file: String, token: String, id: Int, count: Int)
    case duplicateID(file: String, id: Int, first: String, second: String)
    case duplicateToken(file: String, token: String)
    case noUnknownToken(file: String, token: String)
    case noSpecialToken(file: String, role: String, token: String)

    // Merges, counted from 0.
    case tooManyMerges(file: String, limit: Int)
    case malformedMerge(file: String, merge: Int)
    case mergeOfUnknownToken(file: String, merge: Int, token: String)
    case mergeIntoUnknownToken(file: String, merge: Int, token: String)
    case duplicateMerge(file: String, merge: Int)

    // Added tokens.
    case tooManyAddedTokens(file: String, limit: Int)
    case malformedAddedToken(file: String)
    case addedTokenID(file: String, token: String, found: Int, expected: Int)
    case duplicateAddedToken(file: String, token: String)

    // Tables of a pack.
    case damagedTables(file: String, what: String)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .missing(let file, let key):
            "\(quoted(file)) has no \(quoted(key)), which a tokenizer needs."
        case .unsupported(let file, let key, let found, let supported):
            """
            \(quoted(file)): \(quoted(key)) is \(quoted(found)), which a Gemma tokenizer does not have; supported: \
            \(supported).
            """
        case .partTooLarge(let file, let key, let limit):
            "\(quoted(file)): \(quoted(key)) is larger than \(limit) bytes."
        case .tooManyTokens(let file, let limit):
            "\(quoted(file)) has more than \(limit) tokens."
        case .tokenTooLong(let file, let token, let limit):
            "\(quoted(file)) has a token of more than \(limit) bytes, \(quoted(token))."
        case .idOutOfRange(let file, let token, let id, let count):
            """
            \(quoted(file)) gives token \(quoted(token)) the id \(id), and the ids of \(count) tokens are those \
            from 0 to \(count - 1).
            """
        case .duplicateID(let file, let id, let first, let second):
            "\(quoted(file)) gives the id \(id) to \(quoted(first)) and to \(quoted(second))."
        case .duplicateToken(let file, let token):
            "\(quoted(file)) has the token \(quoted(token)) twice."
        case .noUnknownToken(let file, let token):
            "\(quoted(file)) has no token \(quoted(token)), which should stand for what is unknown."
        case .noSpecialToken(let file, let role, let token):
            "\(quoted(file)) has no token \(quoted(token)), which should be its \(quoted(role))."
        case .tooManyMerges(let file, let limit):
            "\(quoted(file)) has more than \(limit) merges."
        case .malformedMerge(let file, let merge):
            "\(quoted(file)): merge \(merge) is not a pair of tokens."
        case .mergeOfUnknownToken(let file, let merge, let token):
            "\(quoted(file)): merge \(merge) names \(quoted(token)), which is not in the vocabulary."
        case .mergeIntoUnknownToken(let file, let merge, let token):
            "\(quoted(file)): merge \(merge) makes \(quoted(token)), which is not in the vocabulary."
        case .duplicateMerge(let file, let merge):
            "\(quoted(file)): merge \(merge) is there twice."
        case .tooManyAddedTokens(let file, let limit):
            "\(quoted(file)) has more than \(limit) added tokens."
        case .malformedAddedToken(let file):
            "\(quoted(file)) has an added token without a content, or with an option of the wrong type."
        case .addedTokenID(let file, let token, let found, let expected):
            "\(quoted(file)) gives the added token \(quoted(token)) the id \(found), expected \(expected)."
        case .duplicateAddedToken(let file, let token):
            "\(quoted(file)) has the added token \(quoted(token)) twice."
        case .damagedTables(let file, let what):
            "\(quoted(file)) holds damaged tokenizer tables: \(what)."
        }
    }
}
