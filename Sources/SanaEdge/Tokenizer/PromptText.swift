/// What diffusers does to a prompt before it is encoded: Python's `text.lower().strip()`.
///
/// As Python 3.11 does it, whose Unicode is version 14: characters that came later stay as they are.
public enum PromptText {
    /// The prompt in lower case, without white space at its ends.
    public static func normalized(_ prompt: String) -> String {
        String(stripped(lowercased(Array(prompt.unicodeScalars))))
    }
}

/// Python's `str.lower`: the full mapping of Unicode, with its one rule that looks at neighbours.
private func lowercased(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    // Whether the last scalar that is not case-ignorable is cased, and where the next such scalar stands.
    let hasSigma = text.contains("\u{3A3}")
    var isBehindCased = false
    var ahead = 0
    for (position, scalar) in text.enumerated() {
        if scalar == "\u{3A3}" {
            ahead = max(ahead, position + 1)
            while ahead < text.count, isCaseIgnorable(text[ahead]) { ahead += 1 }
            let isBeforeCased = ahead < text.count && isCased(text[ahead])
            result.append(isBehindCased && !isBeforeCased ? "\u{3C2}" : "\u{3C3}")
        } else if scalar.isASCII {
            result.append(("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
        } else if isKnown(scalar) {
            result += scalar.properties.lowercaseMapping.unicodeScalars
        } else {
            result.append(scalar)
        }
        if hasSigma, !isCaseIgnorable(scalar) { isBehindCased = isCased(scalar) }
    }
    return result
}

/// Python's `str.strip` without arguments.
private func stripped(_ text: [Unicode.Scalar]) -> String.UnicodeScalarView {
    var view = String.UnicodeScalarView()
    guard let first = text.firstIndex(where: { !isSpace($0) }),
        let last = text.lastIndex(where: { !isSpace($0) })
    else { return view }
    view.append(contentsOf: text[first...last])
    return view
}

/// Python's `str.isspace`.
private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
        0x3000:
        true
    default: false
    }
}

private func isCased(_ scalar: Unicode.Scalar) -> Bool {
    // U+0295 lost this property after version 14.
    scalar == "\u{295}" || isKnown(scalar) && scalar.properties.isCased
}

private func isCaseIgnorable(_ scalar: Unicode.Scalar) -> Bool {
    // U+1171E lost this property after version 14.
    scalar == "\u{1171E}" || isKnown(scalar) && scalar.properties.isCaseIgnorable
}

/// Whether Unicode 14 has the scalar.
private func isKnown(_ scalar: Unicode.Scalar) -> Bool {
    guard let age = scalar.properties.age else { return false }
    return age.major <= 14
}
