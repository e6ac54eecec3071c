/// The lines of a text file that say something: those that are blank are left out.
///
/// A byte order mark at the beginning is no text. Lines are found one after the other, so that a file of blank lines
/// costs no more memory than its bytes.
package struct TextLines: Sequence, IteratorProtocol {
    package struct Line {
        /// From 1.
        package let number: Int
        /// Without the white space around it; not empty.
        package let bytes: ArraySlice<UInt8>

        /// Whether the line begins with `#`.
        package var isComment: Bool { bytes.first == UInt8(ascii: "#") }
    }

    private var rest: ArraySlice<UInt8>
    private var number = 0

    package init(_ bytes: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        rest = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
    }

    package mutating func next() -> Line? {
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let bytes = trimmed(rest[..<end])
            rest = rest[end...].dropFirst()
            number += 1
            if !bytes.isEmpty { return Line(number: number, bytes: bytes) }
        }
        return nil
    }
}

private func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let start = line.drop(while: isSpace)
    return start.prefix((start.lastIndex { !isSpace($0) } ?? start.startIndex - 1) + 1 - start.startIndex)
}
