/// A token that is found in the text before any merging.
public struct AddedToken: Sendable, Equatable {
    public static let limit = 1 << 14

    public let id: Int32
    /// Only where no word's letter stands before or behind it.
    public let isSingleWord: Bool
    /// Takes the white space before it along.
    public let stripsLeft: Bool
    /// Takes the white space behind it along.
    public let stripsRight: Bool
    /// Looked for in the text in which spaces are already "▁"; otherwise in the text as it was given.
    public let isNormalized: Bool

    package init(id: Int32, isSingleWord: Bool, stripsLeft: Bool, stripsRight: Bool, isNormalized: Bool) {
        self.id = id
        self.isSingleWord = isSingleWord
        self.stripsLeft = stripsLeft
        self.stripsRight = stripsRight
        self.isNormalized = isNormalized
    }
}
