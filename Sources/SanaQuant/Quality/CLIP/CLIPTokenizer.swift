import SanaEdge
import SanaModel

/// Text to token ids, as transformers' `CLIPTokenizer` does it: the text is cut at added tokens, normalized and cut
/// into words; the bytes of a word become tokens and merge.
public struct CLIPTokenizer: Sendable {
    private let tables: CLIPTokenizerTables
    /// Looked for in the text as it was given, and in the normalized text.
    private let givenTokens: AddedTokenMatcher
    private let normalizedTokens: AddedTokenMatcher

    public init(_ tables: CLIPTokenizerTables) {
        self.tables = tables
        givenTokens = AddedTokenMatcher(tables.addedTokens.filter { !$0.isNormalized }) {
            Array(tables.vocabulary[Int($0.id)])
        }
        normalizedTokens = AddedTokenMatcher(tables.addedTokens.filter(\.isNormalized)) {
            CLIPText.normalized(tables.vocabulary[Int($0.id)])
        }
    }

    /// The ids of a text: the start, the text's own, the end. Of a longer text the first are kept, and the end.
    ///
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - limit: how many ids there may be, at least 2.
    public func encode(_ text: [UInt8], limit: Int) -> [Int32] {
        let room = min(limit, tables.lengthLimit ?? limit) - 2
        var ids: [Int32] = []
        var merger = PairMerger(merges: tables.merges)
        givenTokens.forEachPiece(of: text[...]) { piece in
            switch piece {
            case .token(let id): ids.append(id)
            case .text(let given):
                let text = CLIPText.normalized(given)
                normalizedTokens.forEachPiece(of: text[...]) { piece in
                    switch piece {
                    case .token(let id): ids.append(id)
                    case .text(let text):
                        for word in CLIPText.words(String(decoding: text, as: UTF8.self)) {
                            encode(word, with: &merger, to: &ids)
                            if ids.count >= room { break }
                        }
                    }
                    return ids.count < room
                }
            }
            return ids.count < room
        }
        return [tables.start] + ids.prefix(room) + [tables.end]
    }

    private func encode(_ word: [UInt8], with merger: inout PairMerger, to ids: inout [Int32]) {
        for (index, byte) in word.enumerated() {
            let tokens = index == word.count - 1 ? tables.lastBytes : tables.innerBytes
            merger.append(UInt32(tokens[Int(byte)] ?? tables.unknown))
        }
        merger.merge(appendingTo: &ids)
    }
}
