import SanaModel

/// Cuts a text at added tokens: from the left, the longest first.
package struct AddedTokenMatcher: Sendable {
    package enum Piece {
        case text(ArraySlice<UInt8>)
        case token(Int32)
    }

    /// A trie over the tokens' bytes: node and byte to the next node. Node 0 is the root.
    private var edges: [UInt64: UInt32] = [:]
    private var tokenOfNode: [UInt32: AddedToken] = [:]
    /// Whether a token begins with this byte.
    private var begins = [Bool](repeating: false, count: 256)

    /// - Parameter text: the bytes to look for.
    package init(_ tokens: [AddedToken], text: (AddedToken) -> [UInt8]) {
        var nodeCount: UInt32 = 1
        for token in tokens {
            var node: UInt32 = 0
            for byte in text(token) {
                if node == 0 { begins[Int(byte)] = true }
                let edge = UInt64(node) << 8 | UInt64(byte)
                if let next = edges[edge] {
                    node = next
                } else {
                    edges[edge] = nodeCount
                    node = nodeCount
                    nodeCount += 1
                }
            }
            // Of two that look the same without spaces, the first counts.
            if tokenOfNode[node] == nil { tokenOfNode[node] = token }
        }
    }

    /// Hands the pieces of a text to `body`, until it returns false.
    package func forEachPiece(of text: ArraySlice<UInt8>, _ body: (Piece) -> Bool) {
        var done = text.startIndex
        var position = text.startIndex
        var spaceEnd = text.startIndex
        while position < text.endIndex {
            guard begins[Int(text[position])], let (token, end) = longestToken(in: text, at: position) else {
                position += 1
                continue
            }
            var start = position
            var stop = end
            position = end
            if token.isSingleWord, endsWithWord(text[..<start]) || beginsWithWord(text[stop...]) { continue }
            if token.stripsLeft { start = max(startOfTrailingSpace(text[min(done, start)..<start]), done) }
            if token.stripsRight {
                // Within white space that was passed over before, its end is known.
                if stop >= spaceEnd { spaceEnd = endOfLeadingSpace(text[stop...]) }
                stop = spaceEnd
            }
            if done < start, !body(.text(text[done..<start])) { return }
            // White space that the token before took along leaves nothing of a token made of it.
            if start < stop, !body(.token(token.id)) { return }
            done = stop
        }
        if done < text.endIndex { _ = body(.text(text[done...])) }
    }

    private func longestToken(in text: ArraySlice<UInt8>, at start: Int) -> (AddedToken, end: Int)? {
        var node: UInt32 = 0
        var found: (AddedToken, end: Int)?
        var position = start
        while position < text.endIndex, let next = edges[UInt64(node) << 8 | UInt64(text[position])] {
            node = next
            position += 1
            if let token = tokenOfNode[node] { found = (token, position) }
        }
        return found
    }
}

// MARK: What stands around a token

private func endsWithWord(_ text: ArraySlice<UInt8>) -> Bool {
    lastScalar(text).map(isWordLetter) ?? false
}

private func beginsWithWord(_ text: ArraySlice<UInt8>) -> Bool {
    firstScalar(text).map(isWordLetter) ?? false
}

private func startOfTrailingSpace(_ text: ArraySlice<UInt8>) -> Int {
    var rest = text
    while let scalar = lastScalar(rest), scalar.properties.isWhitespace {
        rest = rest.dropLast(scalar.utf8.count)
    }
    return rest.endIndex
}

private func endOfLeadingSpace(_ text: ArraySlice<UInt8>) -> Int {
    var rest = text
    while let scalar = firstScalar(rest), scalar.properties.isWhitespace {
        rest = rest.dropFirst(scalar.utf8.count)
    }
    return rest.startIndex
}

/// Unicode's `\w`: letters, marks, decimal digits, connectors and joiners (UTS 18, annex C).
private func isWordLetter(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    return switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: properties.isAlphabetic || properties.isJoinControl
    }
}
