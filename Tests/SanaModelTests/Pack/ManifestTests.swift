import SanaModel
import Testing

@Suite struct ManifestTests {
    @Test(
        arguments: [
            (["format"], nil, ManifestFault.missing("format")),
            (["format"], 2, .format(found: 2)),
            (["format"], "1", .wrongType(key: "format", expected: "an integer")),
            (["tool"], 7, .wrongType(key: "tool", expected: "a string")),
            (["model"], [], .wrongType(key: "model", expected: "an object")),
            (["model", "name"], nil, .missing("model.name")),
            (["model", "licence"], 1, .wrongType(key: "model.licence", expected: "a string")),
            (["policy", "text"], nil, .missing("policy.text")),
            (["defaults", "width"], 0, .outOfRange(key: "defaults.width", expected: "1 to 16384")),
            (["defaults", "width"], 1.5, .wrongType(key: "defaults.width", expected: "an integer")),
            (
                ["defaults", "height"], 1_000_000_000,
                .outOfRange(key: "defaults.height", expected: "1 to 16384")
            ),
            (["defaults", "steps"], 0, .outOfRange(key: "defaults.steps", expected: "1 to 1000")),
            (
                ["defaults", "guidance"], .number(.nan),
                .outOfRange(key: "defaults.guidance", expected: "0.0 to 1000.0")
            ),
            (
                ["defaults", "guidance"], .number(.infinity),
                .outOfRange(key: "defaults.guidance", expected: "0.0 to 1000.0")
            ),
            (["defaults", "guidance"], true, .wrongType(key: "defaults.guidance", expected: "a number")),
            (["defaults", "seed"], -1, .outOfRange(key: "defaults.seed", expected: "0 to \(Int.max)")),
            (["instruction"], nil, .missing("instruction")),
            (["calibration"], 1, .wrongType(key: "calibration", expected: "true or false")),
            (["prefixTokens"], -1, .outOfRange(key: "prefixTokens", expected: "0 to 1048576")),
            (["inputFactors"], 1, .wrongType(key: "inputFactors", expected: "a list of strings")),
            (["inputFactors"], [1], .wrongType(key: "inputFactors", expected: "a list of strings")),
            (["components", "vae"], nil, .missing("components.vae")),
            (
                ["components", "transformer"], "x",
                .wrongType(key: "components.transformer", expected: "an object")
            ),
            (["scheduler"], .null, .wrongType(key: "scheduler", expected: "an object")),
            (["sources"], [:], .wrongType(key: "sources", expected: "a list")),
            (["sources"], [1], .missing("sources[0].xxh64")),
            (
                ["sources"], [["xxh64": "0g", "path": "a", "size": 1]],
                .wrongType(key: "sources[0].xxh64", expected: "16 hexadecimal digits")
            ),
            (
                ["sources"], [["xxh64": "0", "path": "a", "size": -1]],
                .outOfRange(key: "sources[0].size", expected: "0 to \(Int.max)")
            ),
        ] as [([String], JSON?, ManifestFault)])
    func aManifestThatIsWrongIsRefused(keys: [String], value: JSON?, fault: ManifestFault) throws {
        let error = try readingError(keys, value)
        guard case .manifest(_, fault) = error as? PackError else {
            Issue.record("expected \(fault), found \(String(describing: error))")
            return
        }
        #expect(error?.description.hasSuffix(".") == true)
    }

    /// What hyper-parameters could break is for the configurations to refuse; here they must be asked.
    @Test(
        arguments: [
            (["components", "transformer", "num_attention_heads"], 0),
            (["components", "transformer", "num_layers"], 1_000_000),
            (["components", "transformer", "patch_size"], 0),
            (["components", "text_encoder", "vocab_size"], -1),
            (["components", "text_encoder", "hidden_size"], 8),
            (["components", "vae", "latent_channels"], 3),
            (["scheduler", "solver_order"], 9),
        ] as [([String], JSON)])
    func aConfigurationThatIsWrongIsRefused(keys: [String], value: JSON) throws {
        let error = try readingError(keys, value)
        #expect(error is ConfigError)
        #expect(error?.exitCode == .badInput)
        #expect(error?.description.contains("manifest") == true)
    }

    @Test(arguments: ["", "{", "[]", "{\"format\":1,\"format\":1}", "{} ", "\u{0}"])
    func aManifestThatIsNoJSONObjectIsRefused(text: String) throws {
        let folder = PackFolder()
        var tiny = try TinyPack()
        tiny.manifestBytes = Array(text.utf8) + [UInt8(ascii: "x")]
        let path = try tiny.write(in: folder)
        let error = #expect(throws: JSONError.self) { try PackReader(path: path) }
        #expect(error?.exitCode == .badInput)
    }

    @Test func aPackOfBeforeThePrefixCacheIsRead() throws {
        #expect(try readingError(["prefixTokens"], nil) == nil)
    }

    @Test func unknownKeysAreLeftAlone() throws {
        #expect(try readingError(["invented"], 1) == nil)
    }

    private func readingError(_ keys: [String], _ value: JSON?) throws -> (any Failure)? {
        let folder = PackFolder()
        var tiny = try TinyPack()
        var json = tiny.manifest.json
        json.set(keys[...], value)
        tiny.manifestBytes = Array(json.serialized().utf8)
        let path = try tiny.write(in: folder)
        do {
            _ = try PackReader(path: path)
            return nil
        } catch {
            return try #require(error as? any Failure)
        }
    }
}

extension JSON {
    /// Changes or removes the member that `keys` lead to.
    fileprivate mutating func set(_ keys: ArraySlice<String>, _ value: JSON?) {
        guard let key = keys.first, var object = objectValue else { return }
        if keys.count == 1 {
            object[key] = value
        } else {
            var member = object[key] ?? .null
            member.set(keys.dropFirst(), value)
            object[key] = member
        }
        self = .object(object)
    }
}
