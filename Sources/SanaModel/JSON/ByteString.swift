/// Text that is compared by its UTF-8 bytes.
///
/// Swift's `String` holds canonically equivalent texts to be equal ("é" in one scalar and in two), so as keys of a
/// vocabulary or of tensors they would be lost. Names out of files are therefore kept as bytes.
public struct ByteString: Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
    /// Valid UTF-8 wherever a file was the source.
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        self.bytes = Array(text.utf8)
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    public var string: String { String(decoding: bytes, as: UTF8.self) }

    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ByteString: CustomStringConvertible {
    public var description: String { string }
}
