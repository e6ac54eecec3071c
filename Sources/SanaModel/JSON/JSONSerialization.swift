extension JSON {
    /// The value as JSON text, members in their order, without a line feed at the end.
    ///
    /// Numbers that are not finite are written as Python does: `Infinity`, `-Infinity`, `NaN`.
    ///
    /// - Parameter pretty: one member a line, indented by two spaces.
    public func serialized(pretty: Bool = false) -> String {
        var text = ""
        write(to: &text, pretty: pretty, indentation: 0)
        return text
    }

    private func write(to text: inout String, pretty: Bool, indentation: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += written(value)
        case .string(let value): writeString(value, to: &text)
        case .array(let elements):
            writeList(elements, "[", "]", to: &text, pretty: pretty, indentation: indentation) {
                element, text in
                element.write(to: &text, pretty: pretty, indentation: indentation + 1)
            }
        case .object(let object):
            writeList(object.members, "{", "}", to: &text, pretty: pretty, indentation: indentation) {
                member, text in
                writeString(member.key, to: &text)
                text += pretty ? ": " : ":"
                member.value.write(to: &text, pretty: pretty, indentation: indentation + 1)
            }
        }
    }
}

private func writeList<Element>(
    _ elements: [Element], _ opening: String, _ closing: String, to text: inout String, pretty: Bool,
    indentation: Int, _ write: (Element, inout String) -> Void
) {
    text += opening
    for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        if pretty { text += "\n" + String(repeating: "  ", count: indentation + 1) }
        write(element, &text)
    }
    if pretty, !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indentation) }
    text += closing
}

private func written(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    return number.description
}

private func writeString(_ string: ByteString, to text: inout String) {
    text += "\""
    for scalar in string.string.unicodeScalars {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
    text += "\""
}
