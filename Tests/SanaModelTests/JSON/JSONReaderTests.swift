import SanaModel
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    @Test func aFileIsReadAcrossTheSeamsOfItsWindows() throws {
        // Members of all lengths, so that escapes, numbers and long strings fall onto the ends of 64 KiB windows.
        var object = JSONObject()
        for index in 0..<4000 {
            let text = String(repeating: index.isMultiple(of: 3) ? "\u{2581}\n" : "ab", count: index % 97)
            object["key \(index)"] = [.integer(index), .string(text), -1.5e-3, nil, true]
        }
        object["long"] = .string(String(repeating: "\u{1F600}", count: 50_000))
        let json = JSON.object(object)
        let folder = try TestSupport.TemporaryFolder()
        for pretty in [false, true] {
            let bytes = Array("xx\(json.serialized(pretty: pretty))yy".utf8)
            try folder.put(bytes, "x.json")
            let file = try FileReader(path: folder.path("x.json"))
            var reader = JSONReader(file: file, range: 2..<file.size - 2, name: "x.json")
            #expect(try reader.readValue() == json)
            try reader.finish()
            #expect(reader.offset == file.size - 2)
        }
    }

    @Test func aRangeEndsTheText() throws {
        let folder = try TestSupport.TemporaryFolder()
        try folder.put("[1]]", "x.json")
        let file = try FileReader(path: folder.path("x.json"))
        var reader = JSONReader(file: file, range: 0..<2, name: "x.json")
        #expect(throws: JSONError.unexpectedEnd(file: "x.json")) { try reader.readValue() }
        reader = JSONReader(file: file, range: 0..<4, name: "x.json")
        _ = try reader.readValue()
        #expect(throws: JSONError.trailingBytes(file: "x.json", offset: 3)) { try reader.finish() }
    }

    @Test func aFileThatShrinksIsAnError() throws {
        let folder = try TestSupport.TemporaryFolder()
        let text = "[" + String(repeating: "1,", count: 100_000) + "1]"
        try folder.put(text, "x.json")
        let file = try FileReader(path: folder.path("x.json"))
        try folder.cut("x.json", to: 100_000)
        var reader = JSONReader(file: file, range: 0..<file.size, name: "x.json")
        #expect(throws: FileError.self) { try reader.readValue() }
    }

    @Test func valuesAreSkipped() throws {
        var reader = JSONReader(
            bytes: Array(#"[{"a": [1, "]}", null, true, -Infinity]}, 7]"#.utf8), name: "x.json")
        try reader.openArray()
        #expect(try reader.nextElement())
        try reader.skipValue()
        #expect(try reader.nextElement())
        #expect(try reader.readInteger() == 7)
        #expect(try !reader.nextElement())
        try reader.finish()
    }

    @Test(arguments: [
        ("a string", #"1"#, "a number"), ("a number", #""1""#, "a string"), ("true or false", "null", "null"),
        ("an object", "[]", "an array"), ("an array", "{}", "an object"), ("null", "true", "true or false"),
    ])
    func anotherTypeIsRejected(expected: String, text: String, found: String) {
        var reader = JSONReader(bytes: Array(text.utf8), name: "x.json")
        #expect(throws: JSONError.wrongType(file: "x.json", offset: 0, expected: expected, found: found)) {
            switch expected {
            case "a string": _ = try reader.readString()
            case "a number": _ = try reader.readNumber()
            case "true or false": _ = try reader.readBool()
            case "an object": try reader.openObject()
            case "an array": try reader.openArray()
            default: try reader.readNull()
            }
        }
    }

    @Test(arguments: ["1.0", "1e2", "99999999999999999999", "Infinity"])
    func anotherNumberIsNoInteger(text: String) {
        var reader = JSONReader(bytes: Array(text.utf8), name: "x.json")
        #expect(throws: JSONError.self) { try reader.readInteger() }
    }

    @Test func messagesAreOneSentence() {
        let error = JSONError.unexpectedByte(file: "a\nb.json", offset: 3, expected: "a value", found: 0x1B)
        #expect(error.description.hasSuffix("."))
        #expect(!error.description.contains("\n"))
    }
}
