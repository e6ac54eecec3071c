/// The ways in which a pack is not what it claims to be.
public enum PackError: Failure, Equatable {
    case header(path: String, HeaderFault)
    case table(path: String, TableFault)
    case tensor(path: String, name: String, TensorFault)
    case blob(path: String, PackBlob, BlobFault)
    case chunk(path: String, owner: String, index: Int, ChunkFault)
    case manifest(path: String, ManifestFault)
    case model(path: String, ModelFault)

    public var exitCode: ExitCode { .badInput }

    public var description: String {
        switch self {
        case .header(let path, .notAPack):
            "\(quoted(path)) is not a pack; convert a checkpoint with \"sana-quant convert\" to make one."
        case .header(let path, .version(let major, let minor)):
            """
            \(quoted(path)) has pack format \(major).\(minor), and this version of sana-quant reads format \
            \(PackHeader.major); convert the checkpoint again, or use the version that wrote the pack.
            """
        case .header(let path, let fault):
            "\(quoted(path)) is no usable pack: \(fault.phrase); \(remedy)."
        case .table(let path, let fault):
            "\(quoted(path)) has a damaged table of contents: \(fault.phrase); \(remedy)."
        case .tensor(let path, let name, let fault):
            "\(quoted(path)), tensor \(quoted(name)): \(fault.phrase); \(remedy)."
        case .blob(let path, let blob, let fault):
            "\(quoted(path)), \(blob.title): \(fault.phrase); \(remedy)."
        case .chunk(let path, let owner, let index, let fault):
            "\(quoted(path)), \(quoted(owner)), chunk \(index): \(fault.phrase); \(remedy)."
        case .manifest(let path, let fault):
            "\(quoted(path)), manifest: \(fault.phrase); convert the checkpoint again."
        case .model(let path, let fault):
            "\(quoted(path)) does not hold the model that its manifest describes: \(fault.phrase); \(remedy)."
        }
    }

    private var remedy: String { "copy the pack again, or convert the checkpoint again" }
}

extension HeaderFault {
    var phrase: String {
        switch self {
        case .tooShort(let size): "it has \(size) bytes, and a pack has at least \(PackHeader.dataOffset)"
        case .notAPack: "it does not begin as packs do"
        case .textMode: "its first bytes were changed as by a transfer in text mode"
        case .byteSwapped: "its numbers are big endian, and packs are little endian"
        case .version(let major, let minor): "its format is \(major).\(minor), expected \(PackHeader.major)"
        case .hash: "the header's checksum does not match"
        case .unknownFlags(let flags): "the header has the unknown flags 0x\(String(flags, radix: 16))"
        case .fileSize(let claimed, let found): "it has \(found) bytes where its header says \(claimed)"
        case .dataOffset(let offset): "its data begins at \(offset), expected \(PackHeader.dataOffset)"
        case .padding(let offset): "byte \(offset), before the data, is not zero"
        case .tableBounds(let offset, let size):
            "its table of contents of \(size) bytes at \(offset) does not end where the file ends"
        case .tableTooLarge(let size):
            "its table of contents has \(size) bytes, at most \(PackHeader.tableLimit) are allowed"
        }
    }
}

extension TableFault {
    var phrase: String {
        switch self {
        case .hash: "its checksum does not match"
        case .tooSmall(let size): "it has \(size) bytes, fewer than its counts need"
        case .tooMany(let what, let count, let limit):
            "it counts \(count) \(what), at most \(limit) are allowed"
        case .size(let found, let expected): "it has \(found) bytes where its counts need \(expected)"
        case .name(let index): "the name of tensor \(index) is not made of 1 to 255 letters, digits, \"._-\""
        case .nameRange(let index): "the name of tensor \(index) does not follow the one before it"
        case .nameBytes(let found, let expected): "its names take \(expected) bytes where \(found) are there"
        case .duplicateName(let name): "the tensor \(quoted(name)) is listed twice"
        case .reserved(let what, let index): "reserved bytes of \(what) \(index) are not zero"
        case .unknownBlob(let kind): "it lists a part of the unknown kind \(kind)"
        case .blobOrder(let blob): "the \(blob.title) is listed twice or out of order"
        case .noManifest: "it lists no manifest"
        case .chunkRange(let owner, let first, let count):
            "\(quoted(owner)) claims \(count) chunks from \(first) on, which are not the next ones"
        case .orphanChunks(let owned, let total):
            "\(total) chunks are listed and \(owned) belong to something"
        case .chunkOffset(let index, let found, let expected):
            "chunk \(index) begins at \(found), expected \(expected)"
        case .chunkPastEnd(let index, let end, let dataEnd):
            "chunk \(index) ends at \(end), past the end of the data at \(dataEnd)"
        case .dataHash: "its checksum of all chunks does not match them"
        case .dataEnd(let found, let expected): "the chunks end at \(found), expected \(expected)"
        }
    }
}

extension TensorFault {
    var phrase: String {
        switch self {
        case .scheme(let value): "its scheme has the unknown number \(value)"
        case .elementType(let value): "its element type has the unknown number \(value)"
        case .schemeType(let scheme, let type): "\(type.name) elements do not fit the scheme \(scheme.name)"
        case .dimensionCount(let count):
            "it has \(count) dimensions, expected 1 to \(PackTensor.maximumDimensions)"
        case .dimension(let index, let size): "dimension \(index) is \(size)"
        case .shapeOverflow: "its shape is larger than any tensor can be"
        case .byteCount(let claimed, let expected):
            "it claims \(claimed) bytes where its shape needs \(expected)"
        case .rowTooLong(let bytes): "a row has \(bytes) bytes, at most \(ChunkPlan.maximumSize) are allowed"
        case .partialRows(let chunk): "chunk \(chunk) does not hold whole rows"
        case .unevenChunks(let chunk): "chunk \(chunk) does not hold as many rows as the first one"
        case .chunkSum(let found, let expected):
            "its chunks hold \(found) bytes where its shape needs \(expected)"
        case .notAMatrix(let dimensions): "quantized values need 2 dimensions, found \(dimensions)"
        case .noScale: "its values are int8, and no scales belong to it"
        case .scaleLink(let index): "its scales should be the next tensor and are number \(index)"
        case .scaleTensor(let expected): "the next tensor is not its scales, \(expected)"
        case .noChunk(let index): "chunk \(index) was asked for, which it does not have"
        case .unexpectedScale(let index): "its values are not int8, and yet tensor \(index) is its scales"
        }
    }
}

extension BlobFault {
    var phrase: String {
        switch self {
        case .tooLarge(let size, let limit): "it claims \(size) bytes, expected 1 to \(limit)"
        case .unevenChunks(let chunk): "chunk \(chunk) is not as large as the first one"
        case .chunkSum(let found, let expected): "its chunks hold \(found) bytes where it claims \(expected)"
        case .notFinite: "it holds NaN or infinity"
        }
    }
}

extension ChunkFault {
    var phrase: String {
        switch self {
        case .size(let size): "it claims \(size) bytes, expected 1 to \(ChunkPlan.maximumSize)"
        case .storedSize(let stored, let size): "it claims \(stored) stored bytes for \(size)"
        case .codec(let value): "its codec has the unknown number \(value)"
        case .filter(let value): "the filter number \(value) does not fit its elements and codec"
        case .notZstd: "its data is no zstd frame"
        case .dictionary: "its zstd frame needs a dictionary"
        case .noChecksum: "its zstd frame has no checksum or uses reserved bits"
        case .window(let bytes): "its zstd frame asks for a window of \(bytes) bytes"
        case .contentSize(let claimed, let expected):
            """
            its zstd frame says it holds \(claimed.map { "\($0)" } ?? "an unknown number of") bytes, \
            expected \(expected)
            """
        case .frameSize(let found, let expected): "its zstd frame has \(found) bytes, expected \(expected)"
        case .zstd(let message): "zstd finds it damaged (\(message))"
        case .hash: "its checksum does not match"
        case .minusOneHundredTwentyEight(let element):
            "element \(element) is -128, and int8 weights end at -127"
        case .notFinite(let element): "element \(element) is NaN or infinite"
        case .scale(let row, let value):
            """
            the scale of row \(row) is \(value), expected a normal number above 0 and below \
            \(ValueCheck.scaleLimit)
            """
        }
    }
}
