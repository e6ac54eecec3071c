/// A tensor as a pack lists it: its values, or the scales of the quantized tensor before it.
public struct PackTensor: Sendable, Equatable {
    static let maximumDimensions = 5
    /// What the name of a quantized tensor's scales adds to its own, as in compressed-tensors.
    static let scaleSuffix = "_scale"

    public let name: String
    public let scheme: Scheme
    public let elementType: ElementType
    /// 1 to 5 dimensions, row-major. The first counts the rows.
    public let shape: [Int]
    /// The chunks of the pack that hold it, in order of rows.
    public let chunkRange: Range<Int>
    /// Rows in each chunk but the last, which may have fewer.
    public let rowsPerChunk: Int
    /// Where its scales, float32 `[rows]`, stand in `PackReader.tensors`; nil unless its values are int8.
    public let scaleIndex: Int?
    /// Whether these are the scales of the tensor before it.
    public let isScale: Bool
    /// Bytes of its chunks in the file.
    public let storedByteCount: Int

    /// Whether these are factors of a layer's input, which are held to what scales may be.
    var isFactors: Bool { name.hasSuffix(TransformerConfig.inputFactors("")) }

    public var rows: Int { shape[0] }
    /// Bytes of one row.
    public var rowBytes: Int { byteCount / rows }
    /// Bytes of all elements.
    public var byteCount: Int { shape.reduce(elementType.byteCount, *) }
    public var chunkCount: Int { chunkRange.count }

    /// The rows in chunk `index` of this tensor, from 0.
    public func rows(ofChunk index: Int) -> Range<Int> {
        let first = index * rowsPerChunk
        return first..<min(first + rowsPerChunk, rows)
    }

    /// Whether these bytes can be a tensor's name: 1 to 255 of A-Z, a-z, 0-9, ".", "_" and "-".
    static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        (1...255).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension Scheme {
    /// What the values of a tensor with this scheme can be stored as.
    var elementTypes: Set<ElementType> {
        switch self {
        case .w8a8, .w8: [.i8]
        case .f16: [.f16, .bf16]
        case .f32: [.f32]
        }
    }
}

/// A part of a pack that is no tensor. One of each at most; the manifest is always there.
public enum PackBlob: UInt8, Sendable, CaseIterable {
    /// JSON, see `Manifest`.
    case manifest = 1
    /// The tokenizer's tables, compact binary.
    case tokenizer = 2
    /// The instruction that goes before prompts, UTF-8.
    case instruction = 3
    /// The text encoder's keys and values for the instruction's tokens.
    case prefixCache = 4
    /// The text of the checkpoint's licence, UTF-8.
    case licence = 5

    /// The name that people read.
    public var title: String {
        switch self {
        case .manifest: "manifest"
        case .tokenizer: "tokenizer"
        case .instruction: "instruction"
        case .prefixCache: "prefix cache"
        case .licence: "licence"
        }
    }

    /// The most bytes that a pack may hold of it.
    package var limit: Int {
        switch self {
        case .manifest, .licence: 4 << 20
        case .tokenizer: 64 << 20
        case .instruction: 1 << 20
        case .prefixCache: 512 << 20
        }
    }
}
