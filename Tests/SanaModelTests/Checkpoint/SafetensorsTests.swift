import SanaModel
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private let folder: TestSupport.TemporaryFolder
    private var path: String { folder.path("x.safetensors") }

    init() throws {
        folder = try TestSupport.TemporaryFolder()
    }

    private func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
        try folder.put(bytes, "x.safetensors")
        return try SafetensorsFile(path: path)
    }

    private func open(_ header: String, data: Int) throws -> SafetensorsFile {
        try open(safetensors(header: header, data: data))
    }

    /// A header with one tensor, all of whose claims a test may replace.
    private func header(dtype: String = "\"F32\"", shape: String = "[2,2]", offsets: String = "[0,16]")
        -> String
    {
        #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }

    // MARK: What is accepted

    @Test func tensorsAreReadInTheOrderOfTheirBytes() throws {
        let file = try open(
            """
            {"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[3],"data_offsets":[4,10]},\
            "a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},\
            "c":{"dtype":"BF16","shape":[],"data_offsets":[10,12]}}
            """, data: 12)
        #expect(file.entries.map(\.name) == ["a", "b", "c"])
        #expect(file.metadata == ["format": "pt"])
        let tensors = try file.entries.map(file.tensor)
        #expect(tensors.map(\.type) == [.f32, .f16, .bf16])
        #expect(tensors.map(\.shape) == [[1, 1], [3], []])
        #expect(tensors.map(\.elementCount) == [1, 3, 1])
        #expect(try tensors[0].readBytes(elements: 0..<1) == [0, 1, 2, 3])
        #expect(try tensors[1].readBytes(elements: 1..<3) == [6, 7, 8, 9])
        #expect(try tensors[1].readBytes(elements: 3..<3) == [])
    }

    @Test func aFileWithoutTensorsIsRead() throws {
        #expect(try open("{}", data: 0).entries.isEmpty)
    }

    @Test func aZeroSizeTensorIsRead() throws {
        let file = try open(
            """
            {"a":{"dtype":"F32","shape":[2,0],"data_offsets":[0,0]},\
            "b":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"c":{"dtype":"F16","shape":[0],"data_offsets":[2,2]}}
            """, data: 2)
        #expect(try file.entries.map { try file.tensor($0).elementCount } == [0, 1, 0])
    }

    @Test func whiteSpaceBehindTheHeaderIsPadding() throws {
        #expect(try open(header() + "   \n", data: 16).entries.count == 1)
    }

    @Test(arguments: ["F64", "I8", "U8", "BOOL", "I64", "F8_E4M3", "F8_E5M2", "C64", "NEW"])
    func anUnsupportedTypeIsRefusedByNameWhenItIsNeeded(type: String) throws {
        let sizes = ["F64": 8, "I64": 8, "C64": 8]
        let size = 4 * (sizes[type] ?? 1)
        let file = try open(header(dtype: "\"\(type)\"", offsets: "[0,\(size)]"), data: size)
        let error = SafetensorsError.unsupportedType(file: path, tensor: "a", type: type)
        #expect(throws: error) { try file.tensor(file.entries[0]) }
        #expect(error.description.contains(type))
    }

    // MARK: The header's size

    @Test(arguments: 0..<8)
    func aFileWithoutRoomForTheHeadersSizeIsRejected(size: Int) {
        #expect(throws: SafetensorsError.tooShort(file: path, size: size)) {
            try open([UInt8](repeating: 0, count: size))
        }
    }

    @Test(arguments: [100_000_001, 1 << 32, 1 << 63, UInt64.max])
    func aHeaderLargerThanTheFormatAllowsIsRejected(size: UInt64) {
        #expect(throws: SafetensorsError.headerTooLarge(file: path, size: size, limit: 100_000_000)) {
            try open(littleEndian(size) + Array("{}".utf8))
        }
    }

    @Test(arguments: [3, 1000, 100_000_000])
    func headerLargerThanFileIsRejected(size: UInt64) {
        #expect(throws: SafetensorsError.headerLargerThanFile(file: path, size: size, available: 2)) {
            try open(littleEndian(size) + Array("{}".utf8))
        }
    }

    @Test(arguments: ["", " {}", "[]", "\u{FEFF}{}"])
    func aHeaderThatDoesNotBeginAsAnObjectIsRejected(header: String) {
        #expect(throws: SafetensorsError.headerIsNotAnObject(file: path)) { try open(header, data: 0) }
    }

    // MARK: The header's text

    @Test func aHeaderThatIsNotUTF8IsRejected() {
        #expect(throws: JSONError.invalidUTF8(file: path, offset: 10)) {
            try open(safetensors(header: [0x7B, 0x22, 0xFF, 0x22, 0x7D], data: []))
        }
    }

    @Test(arguments: ["{", "{\"a\"}", "{\"a\":1", "{x}"])
    func aHeaderThatIsNotJSONIsRejected(header: String) {
        #expect(throws: JSONError.self) { try open(header, data: 0) }
    }

    @Test func textBehindTheHeadersObjectIsRejected() {
        #expect(throws: JSONError.trailingBytes(file: path, offset: 10)) { try open("{}{}", data: 0) }
    }

    @Test func aHeaderThatEndsWithinAValueIsRejected() {
        // The rest of the object is in what the header's size makes data.
        let bytes = safetensors(header: header(), data: 16)
        #expect(throws: JSONError.unexpectedEnd(file: path)) {
            try open(littleEndian(UInt64(header().utf8.count - 1)) + bytes[8...])
        }
    }

    @Test func duplicateTensorsAreRejected() {
        let entry = #""a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}"#
        #expect(throws: JSONError.duplicateKey(file: path, key: "a")) {
            try open("{\(entry),\(entry)}", data: 2)
        }
    }

    @Test func duplicateFieldsAreRejected() {
        #expect(throws: JSONError.duplicateKey(file: path, key: "dtype")) {
            try open(#"{"a":{"dtype":"F16","dtype":"F32","shape":[1],"data_offsets":[0,2]}}"#, data: 2)
        }
    }

    @Test(arguments: ["1", "[]", #"{"a":1}"#, #"{"a":{}}"#, #"{"a":null}"#])
    func metadataOtherThanTextIsRejected(metadata: String) {
        #expect(throws: JSONError.self) { try open("{\"__metadata__\":\(metadata)}", data: 0) }
    }

    @Test func moreTensorsThanTheCapAreRejected() {
        let entries = (0...65_536).map {
            "\"\($0)\":{\"dtype\":\"F16\",\"shape\":[0],\"data_offsets\":[0,0]}"
        }
        #expect(throws: SafetensorsError.tooManyTensors(file: path, limit: 65_536)) {
            try open("{\(entries.joined(separator: ","))}", data: 0)
        }
    }

    @Test func aNameBeyondTheLimitIsRejected() {
        let name = String(repeating: "n", count: 1025)
        #expect(throws: SafetensorsError.nameTooLong(file: path, name: name, limit: 1024)) {
            try open("{\"\(name)\":{}}", data: 0)
        }
    }

    // MARK: A tensor's fields

    @Test(arguments: [
        (#"{"shape":[1],"data_offsets":[0,2]}"#, "dtype"),
        (#"{"dtype":"F16","data_offsets":[0,2]}"#, "shape"),
        (#"{"dtype":"F16","shape":[1]}"#, "data_offsets"), ("{}", "dtype"),
    ])
    func aMissingFieldIsRejected(entry: String, field: String) {
        #expect(throws: SafetensorsError.missingField(file: path, tensor: "a", field: field)) {
            try open("{\"a\":\(entry)}", data: 2)
        }
    }

    @Test func anUnknownFieldIsRejected() {
        #expect(throws: SafetensorsError.unknownField(file: path, tensor: "a", field: "offset")) {
            try open(#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2],"offset":0}}"#, data: 2)
        }
    }

    @Test(arguments: [
        ("1", "[2,2]", "[0,16]"), ("\"F32\"", "4", "[0,16]"), ("\"F32\"", "[2.0,2]", "[0,16]"),
        ("\"F32\"", "[\"2\",2]", "[0,16]"), ("\"F32\"", "[2,2]", "16"), ("\"F32\"", "[2,2]", "[0,1e1]"),
        ("\"F32\"", "[2,2]", "[0,18446744073709551616]"), ("\"F32\"", "[9223372036854775808]", "[0,16]"),
        ("\"F32\"", "null", "[0,16]"), ("null", "[2,2]", "[0,16]"),
    ])
    func aFieldOfAnotherTypeIsRejected(dtype: String, shape: String, offsets: String) {
        #expect(throws: JSONError.self) {
            try open(header(dtype: dtype, shape: shape, offsets: offsets), data: 16)
        }
    }

    @Test func moreDimensionsThanTheLimitAreRejected() throws {
        _ = try open(header(shape: "[4,1,1,1,1,1,1,1]"), data: 16)
        #expect(throws: SafetensorsError.tooManyDimensions(file: path, tensor: "a", limit: 8)) {
            try open(header(shape: "[4,1,1,1,1,1,1,1,1]"), data: 16)
        }
    }

    @Test func aNegativeDimensionIsRejected() {
        #expect(throws: SafetensorsError.negativeDimension(file: path, tensor: "a", dimension: -2)) {
            try open(header(shape: "[-2,-2]"), data: 16)
        }
    }

    @Test(arguments: [
        "[9223372036854775807]", "[8589934592,8589934592]", "[4294967296,4294967296,4294967296]",
        "[4611686018427387905,4]", "[0,9223372036854775807,9223372036854775807]",
    ])
    func aShapeThatOverflowsIsRejected(shape: String) {
        #expect(throws: SafetensorsError.sizeOverflow(file: path, tensor: "a")) {
            try open(header(shape: shape, offsets: "[0,0]"), data: 0)
        }
    }

    @Test(arguments: [
        ("[2,2]", 12), ("[2,2]", 20), ("[5]", 16), ("[]", 16), ("[0]", 16), ("[1000000,1000000]", 16),
    ])
    func aShapeThatDisagreesWithTheOffsetsIsRejected(shape: String, size: Int) {
        let error = #expect(throws: SafetensorsError.self) {
            try open(header(shape: shape, offsets: "[0,\(size)]"), data: size)
        }
        guard case .sizeMismatch(_, "a", _, size) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func aTypeThatDisagreesWithTheOffsetsIsRejected() {
        #expect(throws: SafetensorsError.sizeMismatch(file: path, tensor: "a", expected: 8, found: 16)) {
            try open(header(dtype: "\"BF16\""), data: 16)
        }
    }

    // MARK: Offsets

    @Test(arguments: [("[]", 0), ("[0]", 1), ("[0,16,16]", 3)])
    func offsetsOtherThanTwoAreRejected(offsets: String, count: Int) {
        #expect(throws: SafetensorsError.offsetCount(file: path, tensor: "a", found: count)) {
            try open(header(offsets: offsets), data: 16)
        }
    }

    @Test func aNegativeOffsetIsRejected() {
        #expect(throws: SafetensorsError.negativeOffset(file: path, tensor: "a", offset: -16)) {
            try open(header(offsets: "[-16,0]"), data: 16)
        }
    }

    @Test func reversedOffsetsAreRejected() {
        #expect(throws: SafetensorsError.reversedOffsets(file: path, tensor: "a", begin: 16, end: 0)) {
            try open(header(offsets: "[16,0]"), data: 16)
        }
    }

    @Test func offsetsOutOfTheFileAreRejected() {
        #expect(throws: SafetensorsError.outOfFile(file: path, tensor: "a", end: 16, available: 15)) {
            try open(header(), data: 15)
        }
        let end = 1 << 62
        #expect(throws: SafetensorsError.outOfFile(file: path, tensor: "a", end: end, available: 16)) {
            try open(header(shape: "[\(1 << 57)]", offsets: "[\(end - 1 << 59),\(end)]"), data: 16)
        }
    }

    @Test func overlappingTensorsAreRejected() {
        #expect(throws: SafetensorsError.overlap(file: path, tensor: "b", begin: 2, previousEnd: 4)) {
            try open(
                """
                {"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},\
                "b":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}}
                """, data: 4)
        }
    }

    @Test func tensorsThatShareTheirBytesAreRejected() {
        #expect(throws: SafetensorsError.self) {
            try open(
                """
                {"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},\
                "b":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}
                """, data: 4)
        }
    }

    @Test func aHoleIsRejected() {
        #expect(throws: SafetensorsError.hole(file: path, tensor: "b", begin: 4, previousEnd: 2)) {
            try open(
                """
                {"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},\
                "b":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}}
                """, data: 6)
        }
        #expect(throws: SafetensorsError.hole(file: path, tensor: "a", begin: 4, previousEnd: 0)) {
            try open(header(offsets: "[4,20]"), data: 20)
        }
    }

    @Test(arguments: [1, 22, 5000])
    func trailingBytesAreRejected(count: Int) {
        #expect(throws: SafetensorsError.trailingBytes(file: path, count: count)) {
            try open(header(), data: 16 + count)
        }
    }

    // MARK: The whole

    @Test func everyTruncationIsRejected() throws {
        let bytes = safetensors([("a", "F32", 2), ("b", "BF16", 3)])
        _ = try open(bytes)
        for length in 0..<bytes.count {
            #expect(throws: (any Error).self) { try open(Array(bytes[..<length])) }
        }
    }

    @Test func aFileTruncatedWhileOpenIsAnError() throws {
        let file = try open(safetensors([("a", "F32", 1000)]))
        let tensor = try file.tensor(file.entries[0])
        try folder.cut("x.safetensors", to: 200)
        #expect(throws: FileError.self) { try tensor.readBytes(elements: 0..<1000) }
    }

    @Test(arguments: [-1..<0, 0..<5, 4..<5, 0..<Int.max])
    func elementsOutOfATensorAreRejected(elements: Range<Int>) throws {
        let file = try open(header(), data: 16)
        let tensor = try file.tensor(file.entries[0])
        #expect(throws: CheckpointError.elementsOutOfRange(tensor: "a", elements: elements, count: 4)) {
            try tensor.readBytes(elements: elements)
        }
    }

    @Test func anyByteMayBeWrong() throws {
        // Whatever a flipped byte of the header does, it is an error or another valid file, and never a crash.
        let bytes = safetensors([("a", "F32", 2), ("b", "BF16", 3), ("c", "F16", 0)])
        for position in 0..<bytes.count - 14 {
            for flip: UInt8 in [0x01, 0x10, 0x80, 0xFF] {
                var damaged = bytes
                damaged[position] ^= flip
                _ = try? open(damaged)
            }
        }
    }

    @Test func namesInMessagesAreQuoted() {
        let error = SafetensorsError.hole(file: "a\nb", tensor: "x\u{1B}[2J", begin: 1, previousEnd: 0)
        #expect(!error.description.contains("\u{1B}"))
        #expect(!error.description.contains("\n"))
        #expect(error.exitCode == .badInput)
    }
}
