/// The longest number or word that is looked at.
private let wordLimit = 400

extension JSONReader {
    /// An integer where the number is written as one and fits; otherwise a double.
    public mutating func readNumber() throws -> JSON {
        try expect(.number)
        let start = offset
        let word = try readWord()
        switch word {
        case "NaN": return .number(.nan)
        case "Infinity": return .number(.infinity)
        case "-Infinity": return .number(-.infinity)
        default: break
        }
        guard let form = numberForm(word) else { throw JSONError.invalidNumber(file: name, offset: start) }
        if form == .integer, let integer = Int(word) { return .integer(integer) }
        guard let number = Double(word), number.isFinite else {
            throw JSONError.numberOutOfRange(file: name, offset: start)
        }
        return .number(number)
    }

    public mutating func readInteger() throws -> Int {
        try expect(.number)
        let start = offset
        guard case .integer(let integer) = try readNumber() else {
            throw JSONError.wrongType(
                file: name, offset: start, expected: "an integer", found: "another number")
        }
        return integer
    }

    public mutating func readBool() throws -> Bool {
        try expect(.bool)
        let start = offset
        switch try readWord() {
        case "true": return true
        case "false": return false
        case let word: throw JSONError.unknownWord(file: name, offset: start, word: word)
        }
    }

    public mutating func readNull() throws {
        try expect(.null)
        let start = offset
        let word = try readWord()
        guard word == "null" else { throw JSONError.unknownWord(file: name, offset: start, word: word) }
    }

    /// A run of letters, digits, signs and points.
    private mutating func readWord() throws -> String {
        let start = offset
        var word: [UInt8] = []
        while let byte = try currentByte(), isWordByte(byte) {
            guard word.count < wordLimit else {
                throw JSONError.numberOutOfRange(file: name, offset: start)
            }
            word.append(byte)
            position += 1
        }
        return String(decoding: word, as: UTF8.self)
    }
}

private enum NumberForm {
    case integer, decimal
}

/// JSON's grammar of numbers; nil where `word` is no number.
private func numberForm(_ word: String) -> NumberForm? {
    var rest = Substring(word)
    var form = NumberForm.integer
    if rest.first == "-" { rest.removeFirst() }
    let whole = takeDigits(&rest)
    guard whole == 1 || (whole > 1 && !word.drop(while: { $0 == "-" }).hasPrefix("0")) else { return nil }
    if rest.first == "." {
        rest.removeFirst()
        guard takeDigits(&rest) > 0 else { return nil }
        form = .decimal
    }
    if rest.first == "e" || rest.first == "E" {
        rest.removeFirst()
        if rest.first == "+" || rest.first == "-" { rest.removeFirst() }
        guard takeDigits(&rest) > 0 else { return nil }
        form = .decimal
    }
    return rest.isEmpty ? form : nil
}

private func takeDigits(_ rest: inout Substring) -> Int {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest.removeFirst(digits.count)
    return digits.count
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        true
    default: false
    }
}
