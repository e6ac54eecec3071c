import SanaModel
import Testing

@Suite struct JSONTests {
    private func parse(_ text: String) throws -> JSON {
        try JSON.parse(Array(text.utf8), name: "x.json")
    }

    @Test func valuesAreRead() throws {
        let json = try parse(
            #" {"a": [1, -2, 3.5, 1e3, -0, true, false, null], "b": {"c": "d"}, "": "e"} "#)
        #expect(json["a"] == [1, -2, 3.5, 1000.0, 0, true, false, nil])
        #expect(json["b"]?["c"]?.stringValue == "d")
        #expect(json[""]?.stringValue == "e")
        #expect(json["missing"] == nil)
        #expect(json.objectValue?.keys == ["a", "b", ""])
        #expect(try parse("[]") == [])
        #expect(try parse("{}") == [:])
        #expect(try parse("\"\"") == "")
    }

    @Test func numbersKeepTheirKind() throws {
        #expect(try parse("3") == .integer(3))
        #expect(try parse("3.0") == .number(3))
        #expect(try parse("3").doubleValue == 3)
        #expect(try parse("3.0").intValue == nil)
        #expect(try parse("9223372036854775807").intValue == .max)
        #expect(try parse("1000000000000000019884624838656").doubleValue == 1e30)
        #expect(try parse("1e-06").doubleValue == 1e-6)
        #expect(try parse("[Infinity, -Infinity]") == [.number(.infinity), .number(-.infinity)])
        #expect(try parse("NaN").doubleValue?.isNaN == true)
    }

    @Test func escapesAreResolved() throws {
        #expect(
            try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u2581\ud83d\ude00\u0000""#).stringValue
                == "\"\\/\u{8}\u{c}\n\r\tA\u{e9}\u{2581}\u{1F600}\0")
    }

    @Test func canonicallyEquivalentKeysAreTwoKeys() throws {
        let json = try parse(#"{"\u00e9": 1, "e\u0301": 2, "K": 3, "\u212a": 4}"#)
        #expect(json["\u{e9}"] == 1)
        #expect(json["e\u{301}"] == 2)
        #expect(json["K"] == 3)
        #expect(json["\u{212a}"] == 4)
        #expect(ByteString("\u{e9}") != ByteString("e\u{301}"))
    }

    @Test(arguments: [
        ("", JSONError.unexpectedEnd(file: "x.json")),
        (" ", .unexpectedEnd(file: "x.json")),
        ("{", .unexpectedEnd(file: "x.json")),
        ("[1,", .unexpectedEnd(file: "x.json")),
        ("\"a", .unexpectedEnd(file: "x.json")),
        ("\"\\", .unexpectedEnd(file: "x.json")),
        ("\"\\u12", .unexpectedEnd(file: "x.json")),
        ("[1,]", .unexpectedByte(file: "x.json", offset: 3, expected: "another member", found: 0x5D)),
        ("[,1]", .unexpectedByte(file: "x.json", offset: 1, expected: "a value", found: 0x2C)),
        ("[1 2]", .unexpectedByte(file: "x.json", offset: 3, expected: "\",\" or \"]\"", found: 0x32)),
        ("[1}", .unexpectedByte(file: "x.json", offset: 2, expected: "\",\" or \"]\"", found: 0x7D)),
        ("{1: 2}", .unexpectedByte(file: "x.json", offset: 1, expected: "a key", found: 0x31)),
        ("{\"a\" 2}", .unexpectedByte(file: "x.json", offset: 5, expected: "\":\"", found: 0x32)),
        ("'a'", .unexpectedByte(file: "x.json", offset: 0, expected: "a value", found: 0x27)),
        ("\u{FEFF}1", .unexpectedByte(file: "x.json", offset: 0, expected: "a value", found: 0xEF)),
        ("1 2", .trailingBytes(file: "x.json", offset: 2)),
        ("{}x", .trailingBytes(file: "x.json", offset: 2)),
        ("tru", .unknownWord(file: "x.json", offset: 0, word: "tru")),
        ("nulls", .unknownWord(file: "x.json", offset: 0, word: "nulls")),
        ("01", .invalidNumber(file: "x.json", offset: 0)),
        ("-", .invalidNumber(file: "x.json", offset: 0)),
        ("1.", .invalidNumber(file: "x.json", offset: 0)),
        ("1e", .invalidNumber(file: "x.json", offset: 0)),
        ("-01", .invalidNumber(file: "x.json", offset: 0)),
        ("0x10", .invalidNumber(file: "x.json", offset: 0)),
        ("1e999", .numberOutOfRange(file: "x.json", offset: 0)),
        ("\"\\x\"", .invalidEscape(file: "x.json", offset: 1)),
        ("\"\\u12g4\"", .invalidEscape(file: "x.json", offset: 1)),
        ("\"\\ud800\"", .loneSurrogate(file: "x.json", offset: 1)),
        ("\"\\udc00\"", .loneSurrogate(file: "x.json", offset: 1)),
        ("\"\\ud800\\u0041\"", .loneSurrogate(file: "x.json", offset: 1)),
        ("\"\\ud800\\n\"", .loneSurrogate(file: "x.json", offset: 1)),
        ("\"a\nb\"", .controlCharacter(file: "x.json", offset: 2)),
        ("{\"a\":1,\"a\":2}", .duplicateKey(file: "x.json", key: "a")),
        ("{\"a\":1,\"\\u0061\":2}", .duplicateKey(file: "x.json", key: "a")),
    ])
    func malformedTextIsRejected(text: String, error: JSONError) {
        #expect(throws: error) { try parse(text) }
        #expect(error.exitCode == .badInput)
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC3, 0x22],
    ])
    func textThatIsNotUTF8IsRejected(bytes: [UInt8]) {
        #expect(throws: JSONError.invalidUTF8(file: "x.json", offset: 1)) {
            try JSON.parse(bytes, name: "x.json")
        }
    }

    @Test func nestingBeyondTheLimitIsRejected() throws {
        let limit = JSONReader.depthLimit
        _ = try parse(String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
        #expect(throws: JSONError.tooDeep(file: "x.json", offset: limit, limit: limit)) {
            try parse(String(repeating: "[", count: 1_000_000))
        }
        #expect(throws: JSONError.self) { try parse(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test func endlessNumbersAreRejected() {
        #expect(throws: JSONError.numberOutOfRange(file: "x.json", offset: 0)) {
            try parse(String(repeating: "9", count: 100_000))
        }
    }

    @Test func everyTruncationIsRejected() throws {
        let text = Array(#"{"a": [1.5, "\u00e9x", {"b": null}], "c": -Infinity, "d": true}"#.utf8)
        _ = try JSON.parse(text, name: "x.json")
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSON.parse(Array(text[..<length]), name: "x.json") }
        }
    }

    @Test func serializationIsReadBackAsTheSame() throws {
        let json: JSON = [
            "text": .string("\"\\\n\t\u{1}\u{7F}\u{e9}\u{1F600}e\u{301}"),
            "list": [1, 2.5, 1e-6, 1e30, -0.0, nil, true, []],
            "object": [:], "limits": [.number(.infinity), .number(-.infinity)], "big": .integer(.min),
        ]
        for pretty in [false, true] {
            #expect(try parse(json.serialized(pretty: pretty)) == json)
        }
        #expect(json["limits"]?.serialized() == "[Infinity,-Infinity]")
        #expect(JSON.number(.nan).serialized() == "NaN")
        #expect(
            (["a": [1, ["b": nil]]] as JSON).serialized(pretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ]
                }
                """)
    }

    @Test func membersKeepTheirOrderAndAreReplacedInPlace() {
        var object = JSONObject()
        object["b"] = 1
        object["a"] = 2
        object["c"] = 3
        object["b"] = 4
        #expect(object.keys == ["b", "a", "c"])
        object["b"] = nil
        #expect(object.keys == ["a", "c"])
        #expect(object["c"] == 3)
        object["d"] = 5
        #expect(object["d"] == 5)
        #expect(object.count == 3)
    }
}
