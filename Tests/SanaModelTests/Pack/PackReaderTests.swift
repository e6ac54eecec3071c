import SanaModel
import Testing

extension TinyPack {
    /// Puts the factors that the manifest declares among the tensors, all of them 0.5.
    fileprivate mutating func addDeclaredFactors() throws {
        tensors = try #require(
            try manifest.configs(of: "tiny").tensors(withFactors: manifest.inputFactors))
        let scheme = scheme
        self.scheme = { $0.kind == .factors ? .f32 : scheme($0) }
    }
}

@Suite struct PackReaderTests {
    @Test func aPackIsReadWithItsModel() throws {
        let folder = PackFolder()
        let tiny = try TinyPack()
        let reader = try PackReader(path: try tiny.write(in: folder))
        #expect(reader.manifest == tiny.manifest)
        #expect(try reader.configs == tiny.manifest.configs(of: "tiny"))
        #expect(reader.tensors.filter { !$0.isScale }.map(\.name) == tiny.tensors.map(\.packName))
        #expect(try reader.blob(.licence) == tiny.blobs[.licence])
        #expect(try reader.requiredBlob(.tokenizer) == tiny.blobs[.tokenizer])
        #expect(reader.size(of: .tokenizer)?.bytes == 700)
        for (index, spec) in tiny.tensors.enumerated() {
            let tensor = try reader.requiredTensor(spec.packName)
            let count = tensor.shape.reduce(1, *)
            #expect(
                try reader.values(tensor)
                    == sampleValues(tensor.elementType, count: count, seed: UInt64(index + 1)))
            if tensor.scheme.isQuantized {
                #expect(try reader.scales(of: tensor).shape == [tensor.rows])
            } else {
                #expect(throws: PackError.self) { try reader.scales(of: tensor) }
            }
        }
        try reader.verify { _ in }
        #expect(throws: PackError.model(path: reader.path, .missing("vae.none"))) {
            try reader.requiredTensor("vae.none")
        }
        #expect(throws: PackError.model(path: reader.path, .missing("instruction"))) {
            try reader.requiredBlob(.instruction)
        }
    }

    @Test func aManifestWithEverythingIsReadBack() throws {
        let folder = PackFolder()
        var tiny = try TinyPack()
        tiny.manifest.licence = nil
        tiny.manifest.policy.text = "# ünïcode \"quotes\"\n\tand\r\nall\u{1}"
        tiny.manifest.defaults.guidance = 0.1
        tiny.manifest.hasInstruction = true
        tiny.manifest.isCalibrated = true
        tiny.manifest.sources.append(Manifest.Source(path: "ä/b", size: .max, hash: .max))
        tiny.blobs[.instruction] = Array("Draw:".utf8)
        let reader = try PackReader(path: try tiny.write(in: folder))
        #expect(reader.manifest == tiny.manifest)
    }

    // MARK: Tensors against the model

    @Test func aMissingTensorIsFound() throws {
        try expectModelFault(.missing("transformer.caption_norm.weight")) { tiny in
            tiny.tensors.removeAll { $0.name == "caption_norm.weight" }
        }
        try expectModelFault(.missing("vae.decoder.conv_out.bias")) { $0.tensors.removeLast() }
        try expectModelFault(.missing("text_encoder.embed_tokens.weight")) { $0.tensors.removeAll() }
    }

    @Test func anExtraTensorIsFound() throws {
        let extra = TensorSpec(.transformer, "caption_norm.bias", [4], .vector)
        try expectModelFault(.unexpected("transformer.caption_norm.bias")) { $0.tensors.append(extra) }
        try expectModelFault(.unexpected("transformer.caption_norm.bias")) { $0.tensors.insert(extra, at: 7) }
    }

    @Test func tensorsOutOfOrderAreFound() throws {
        try expectModelFault(
            .order(
                expected: "text_encoder.layers.0.self_attn.q_proj.weight",
                found: "text_encoder.layers.0.self_attn.k_proj.weight")
        ) { $0.tensors.swapAt(2, 3) }
    }

    @Test func aTransposedTensorIsFound() throws {
        let name = "text_encoder.layers.0.mlp.gate_proj.weight"
        try expectModelFault(.shape(name: name, found: [4, 6], expected: [6, 4])) { tiny in
            tiny.shape = { spec, scheme in
                spec.packName == name ? [4, 6] : spec.packShape(scheme)
            }
        }
    }

    @Test func aSoundTensorOfAnotherModelIsFound() throws {
        let name = "transformer.patch_embed.proj.bias"
        try expectModelFault(.shape(name: name, found: [5], expected: [4])) { tiny in
            tiny.shape = { spec, scheme in spec.packName == name ? [5] : spec.packShape(scheme) }
        }
    }

    @Test func aSchemeWithoutArithmeticIsFound() throws {
        try expectModelFault(.scheme(name: "text_encoder.embed_tokens.weight", .w8a8)) { tiny in
            let scheme = tiny.scheme
            tiny.scheme = { $0.kind == .embedding ? .w8a8 : scheme($0) }
        }
        try expectModelFault(.scheme(name: "transformer.transformer_blocks.0.ff.conv_depth.weight", .w8)) {
            tiny in
            let scheme = tiny.scheme
            tiny.scheme = { $0.kind == .depthwise ? .w8 : scheme($0) }
        }
    }

    @Test func anInstructionIsThereWhereItIsDeclared() throws {
        try expectModelFault(.instruction(declared: true)) { $0.manifest.hasInstruction = true }
        let config = try TinyPack().manifest.configs(of: "tiny").textEncoder
        let size = config.prefixByteCount(tokens: 3)
        #expect(size == 4 * (4 + 2 * 3 * 2))
        try expectModelFault(.prefix(found: 0, expected: size)) { $0.manifest.prefixTokens = 3 }
        try expectModelFault(.prefix(found: size, expected: 0)) {
            $0.blobs[.prefixCache] = [UInt8](repeating: 0, count: size)
        }
        try expectModelFault(.instruction(declared: false)) { $0.blobs[.instruction] = [0x20] }
    }

    // MARK: Factors

    private static let factors = ["attn1", "attn2", "ff"].map {
        "transformer.transformer_blocks.0.\($0).input_factors"
    }

    @Test(arguments: [[0], [1], [2], [0, 1, 2]])
    func declaredFactorsAreRead(which: [Int]) throws {
        let folder = PackFolder()
        var tiny = try TinyPack()
        tiny.manifest.inputFactors = which.map { Self.factors[$0] }
        try tiny.addDeclaredFactors()
        let reader = try PackReader(path: try tiny.write(in: folder))
        #expect(reader.manifest == tiny.manifest)
        for name in tiny.manifest.inputFactors {
            #expect(try reader.requiredTensor(name).shape == [4])
        }
        try reader.verify { _ in }
    }

    @Test func factorsAreThereWhereTheyAreDeclared() throws {
        try expectModelFault(.missing(Self.factors[0])) { $0.manifest.inputFactors = [Self.factors[0]] }
        try expectModelFault(.unexpected(Self.factors[1])) { tiny in
            tiny.manifest.inputFactors = [Self.factors[1]]
            try? tiny.addDeclaredFactors()
            tiny.manifest.inputFactors = []
        }
    }

    @Test func factorsThatNoQuantizerAppliesAreFound() throws {
        let weight = "transformer.transformer_blocks.0.attn2.to_q.weight"
        try expectModelFault(.factors(name: Self.factors[1], weight: weight)) { tiny in
            tiny.manifest.inputFactors = [Self.factors[1]]
            try? tiny.addDeclaredFactors()
            let scheme = tiny.scheme
            tiny.scheme = { $0.packName == weight ? .f16 : scheme($0) }
        }
    }

    @Test(arguments: [["x"], [factors[0], factors[0]], ["vae.decoder.conv_in.weight"]])
    func factorsThatNoModelHasAreRefused(names: [String]) throws {
        let folder = PackFolder()
        var tiny = try TinyPack()
        tiny.manifest.inputFactors = names
        let path = try tiny.write(in: folder)
        let error = #expect(throws: PackError.self) { try PackReader(path: path) }
        guard case .manifest(_, .wrongType("inputFactors", _)) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    private func expectModelFault(_ fault: ModelFault, _ change: (inout TinyPack) -> Void) throws {
        let folder = PackFolder()
        var tiny = try TinyPack()
        change(&tiny)
        let path = try tiny.write(in: folder)
        let error = #expect(throws: PackError.self) { try PackReader(path: path) }
        #expect(error == .model(path: path, fault))
        #expect(error?.exitCode == .badInput && error?.description.hasSuffix(".") == true)
    }
}
