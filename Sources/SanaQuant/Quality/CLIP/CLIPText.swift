@_spi(_Unicode) import Swift

/// What CLIP's tokenizer does to a text before its words become tokens.
enum CLIPText {
    /// Composed (NFC), runs of white space as one space, each scalar in lower case.
    static func normalized(_ text: some Sequence<UInt8>) -> [UInt8] {
        var result = String.UnicodeScalarView()
        var isBehindSpace = false
        for scalar in composed(String(decoding: Array(text), as: UTF8.self)) {
            let isSpace = scalar.properties.isWhitespace
            if !isSpace {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            } else if !isBehindSpace {
                result.append(" ")
            }
            isBehindSpace = isSpace
        }
        return Array(String(result).utf8)
    }

    /// The words of a normalized text, in UTF-8.
    ///
    /// First `<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+` finds
    /// them, then GPT-2's expression cuts what it can, which is the first two.
    static func words(_ text: String) -> [[UInt8]] {
        let scalars = Array(text.unicodeScalars)
        var words: [[UInt8]] = []
        var position = 0
        func add(_ end: Int) {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[position..<end])
            words.append(Array(String(view).utf8))
            position = end
        }
        while position < scalars.count {
            let rest = scalars[position...]
            if let parts = specials.first(where: { rest.starts(with: $0.joined()) }) {
                for part in parts { add(position + part.count) }
            } else if let contraction = contractions.first(where: { rest.starts(with: $0) }) {
                add(position + contraction.count)
            } else {
                let kind = Kind(scalars[position])
                switch kind {
                case .space: position += 1
                case .number: add(position + 1)
                case .letter, .other:
                    add(rest.firstIndex { Kind($0) != kind } ?? scalars.count)
                }
            }
        }
        return words
    }

    private enum Kind {
        case letter
        case number
        case space
        case other

        init(_ scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
                self = .letter
            case .decimalNumber, .letterNumber, .otherNumber: self = .number
            default: self = scalar.properties.isWhitespace ? .space : .other
            }
        }
    }

    private static let specials = ["startoftext", "endoftext"].map { name in
        ["<|", name, "|>"].map { Array($0.unicodeScalars) }
    }
    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map {
        Array($0.unicodeScalars)
    }

    /// The canonical composition, NFC.
    private static func composed(_ text: String) -> some Sequence<Unicode.Scalar> { text._nfc }
}
