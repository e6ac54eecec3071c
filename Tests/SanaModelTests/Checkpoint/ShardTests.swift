import SanaModel
import TestSupport
import Testing

@Suite struct ShardTests {
    private let folder: TestSupport.TemporaryFolder
    private var index: String { folder.path("model.safetensors.index.json") }
    private let first = "model-00001-of-00002.safetensors"
    private let second = "model-00002-of-00002.safetensors"

    /// Two shards with an index that tells the truth.
    init() throws {
        folder = try TestSupport.TemporaryFolder()
        try folder.put(safetensors([("a", "F32", 2), ("b", "F16", 3)]), first)
        try folder.put(safetensors([("c", "BF16", 1)]), second)
        try writeIndex(["a": first, "b": first, "c": second])
    }

    private func writeIndex(_ map: [String: String], name: String = "model.safetensors.index.json") throws {
        var object = JSONObject()
        for (tensor, shard) in map.sorted(by: { $0.key < $1.key }) { object[tensor] = .string(shard) }
        let json: JSON = ["metadata": ["total_size": 16], "weight_map": .object(object)]
        try folder.put(json.serialized(pretty: true), name)
    }

    private func open(_ names: [String] = ["model"]) throws -> CheckpointTensors {
        try CheckpointTensors(folder: folder.path, baseNames: names)
    }

    // MARK: What is accepted

    @Test func tensorsAreReadFromTheirShards() throws {
        let tensors = try open()
        #expect(tensors.names == ["a", "b", "c"])
        #expect(tensors.files.count == 2)
        let tensor = try #require(try tensors.entry("c"))
        #expect(tensor.type == .bf16)
        #expect(tensor.path == folder.path(second))
        #expect(try tensors.readBytes(tensor, elements: 0..<1).count == 2)
        #expect(try tensors.entry("d") == nil)
    }

    @Test func tensorsAreHeldAgainstTheirShapes() throws {
        let tensors = try open()
        #expect(try tensors.tensor("a", shape: [2]).elementCount == 2)
        #expect(
            throws: CheckpointError.wrongShape(
                folder: folder.path, tensor: "a", expected: [2, 1], found: [2])
        ) {
            try tensors.tensor("a", shape: [2, 1])
        }
        #expect(throws: CheckpointError.missingTensor(folder: folder.path, tensor: "d")) {
            try tensors.tensor("d", shape: [2])
        }
    }

    @Test func aSingleFileIsRead() throws {
        try folder.put(safetensors([("x", "F16", 1)]), "diffusion_pytorch_model.safetensors")
        #expect(try open(["diffusion_pytorch_model", "model"]).names == ["x"])
        #expect(try open(["model", "diffusion_pytorch_model"]).names == ["a", "b", "c"])
    }

    @Test func plainWeightsComeBeforeVariants() throws {
        try folder.put(safetensors([("h", "F32", 1)]), "x.fp32.safetensors")
        #expect(try open(["x"]).names == ["h"])
        try folder.put(safetensors([("f", "F16", 1)]), "x.fp16.safetensors")
        try folder.put(safetensors([("g", "BF16", 1)]), "x.bf16.safetensors")
        #expect(try open(["x"]).names == ["f"])
        try folder.put(safetensors([("p", "F32", 1)]), "x.safetensors")
        #expect(try open(["x"]).names == ["p"])
    }

    @Test(arguments: ["x.bf16.safetensors.index.json", "x.safetensors.index.bf16.json"])
    func aVariantMayBeSharded(name: String) throws {
        try folder.put(safetensors([("f", "F16", 1)]), "x.bf16-00001-of-00001.safetensors")
        try writeIndex(["f": "x.bf16-00001-of-00001.safetensors"], name: name)
        #expect(try open(["x"]).names == ["f"])
    }

    @Test func aPrefixIsTakenOff() throws {
        try folder.put(safetensors([("model.norm", "F16", 1), ("lm_head", "F16", 2)]), "y.safetensors")
        let tensors = try CheckpointTensors(folder: folder.path, baseNames: ["y"], removingPrefix: "model.")
        #expect(tensors.names == ["lm_head", "norm"])
        #expect(try tensors.tensor("norm", shape: [1]).elementCount == 1)
    }

    @Test func aPrefixThatHidesATensorIsRejected() throws {
        try folder.put(safetensors([("model.norm", "F16", 1), ("norm", "F16", 2)]), "y.safetensors")
        let path = folder.path("y.safetensors")
        #expect(throws: CheckpointError.duplicateTensor(tensor: "norm", first: path, second: path)) {
            try CheckpointTensors(folder: folder.path, baseNames: ["y"], removingPrefix: "model.")
        }
    }

    // MARK: What is missing

    @Test func aMissingFolderIsMissing() {
        let path = folder.path("none")
        #expect(throws: FileError.missing(path: path)) {
            try CheckpointTensors(folder: path, baseNames: ["model"])
        }
    }

    @Test func aFolderWithoutWeightsIsRejected() {
        let error = CheckpointError.noWeights(
            folder: folder.path, expected: ["z.safetensors", "z.safetensors.index.json"])
        #expect(throws: error) { try open(["z"]) }
        #expect(error.exitCode == .missingInput)
    }

    @Test func aSingleFileBesideAnIndexIsRejected() throws {
        try folder.put(safetensors([("x", "F16", 1)]), "model.safetensors")
        #expect(
            throws: CheckpointError.ambiguousWeights(
                folder: folder.path, single: "model.safetensors", index: "model.safetensors.index.json")
        ) { try open() }
    }

    @Test func aMissingShardIsRejected() throws {
        try writeIndex(["a": first, "b": first, "c": "other.safetensors"])
        let error = CheckpointError.missingShard(index: index, shard: "other.safetensors")
        #expect(throws: error) { try open() }
        #expect(error.exitCode == .missingInput)
    }

    @Test func shardsThatAreNotAsManyAsTheirNamesSayAreRejected() throws {
        try writeIndex(["a": first, "b": first])
        #expect(throws: CheckpointError.incompleteShards(index: index, shard: first, found: 1)) { try open() }
    }

    @Test func anExtraShardIsRejected() throws {
        try folder.put(safetensors([("z", "F16", 1)]), "model-00003-of-00002.safetensors")
        #expect(
            throws: CheckpointError.extraShard(index: index, shard: "model-00003-of-00002.safetensors")
        ) { try open() }
    }

    @Test func shardsOfAVariantAreNotExtra() throws {
        try folder.put(safetensors([("z", "F16", 1)]), "model.fp16-00001-of-00002.safetensors")
        try folder.put(safetensors([("z", "F16", 1)]), "model-00001-of-00002.fp16.safetensors")
        #expect(try open().names == ["a", "b", "c"])
    }

    // MARK: An index that lies

    @Test(arguments: [
        "../model.safetensors", "/etc/model.safetensors", "sub/model.safetensors", "..", "", ".safetensors",
        "model.bin", "model.safetensors\0", "model\n.safetensors",
        String(repeating: "m", count: 300) + ".safetensors",
    ])
    func aShardOutsideTheFolderIsRejected(shard: String) throws {
        try writeIndex(["a": shard])
        #expect(throws: CheckpointError.shardName(index: index, shard: shard)) { try open() }
    }

    @Test func aTensorThatTheIndexPutsElsewhereIsRejected() throws {
        try writeIndex(["a": first, "b": second, "c": second])
        #expect(
            throws: CheckpointError.tensorInOtherShard(
                index: index, tensor: "b", expected: second, found: first)
        ) { try open() }
    }

    @Test func aTensorThatTheIndexInventsIsRejected() throws {
        try writeIndex(["a": first, "b": first, "c": second, "d": second])
        #expect(throws: CheckpointError.tensorNotInShard(index: index, tensor: "d", shard: second)) {
            try open()
        }
    }

    @Test func aTensorThatTheIndexOmitsIsRejected() throws {
        try writeIndex(["a": first, "c": second])
        #expect(throws: CheckpointError.tensorNotInIndex(index: index, tensor: "b", shard: first)) {
            try open()
        }
    }

    @Test func aTensorInTwoShardsIsRejected() throws {
        try folder.put(safetensors([("b", "F16", 3), ("c", "BF16", 1)]), second)
        #expect(
            throws: CheckpointError.duplicateTensor(
                tensor: "b", first: folder.path(first), second: folder.path(second))
        ) { try open() }
    }

    @Test func aDamagedShardIsRejected() throws {
        try folder.cut(second, to: 20)
        #expect(throws: SafetensorsError.self) { try open() }
    }

    @Test func anIndexWithoutAMapIsRejected() throws {
        try folder.put("{\"metadata\":{}}", "model.safetensors.index.json")
        #expect(throws: CheckpointError.noWeightMap(index: index)) { try open() }
    }

    @Test(arguments: [
        "", "[]", "{\"weight_map\":[]}", "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}", "{\"weight_map\":{}}x",
    ])
    func aMalformedIndexIsRejected(text: String) throws {
        try folder.put(text, "model.safetensors.index.json")
        #expect(throws: JSONError.self) { try open() }
    }

    @Test func moreShardsThanTheCapAreRejected() throws {
        try writeIndex(
            Dictionary(uniqueKeysWithValues: (0...256).map { ("t\($0)", "s\($0).safetensors") }))
        #expect(throws: CheckpointError.tooManyShards(index: index, limit: 256)) { try open() }
    }

    @Test func moreTensorsThanTheCapAreRejected() throws {
        try writeIndex(Dictionary(uniqueKeysWithValues: (0...65_536).map { ("t\($0)", "s.safetensors") }))
        #expect(throws: CheckpointError.tooManyTensors(index: index, limit: 65_536)) { try open() }
    }
}
