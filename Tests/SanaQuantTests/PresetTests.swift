import SanaModel
import SanaQuant
import Testing

@Suite struct PresetTests {
    /// The tensors of the reference model, and what a preset gives to each.
    static func schemes(_ preset: Preset) throws -> [(
        name: String, kind: TensorSpec.Kind, scheme: Scheme, reason: String?
    )] {
        let configs = try referenceConfigs()
        let policy = try Policy(nameOrPath: preset.rawValue)
        return try policy.assign(configs.tensors).map {
            ($0.spec.packName, $0.spec.kind, $0.scheme, $0.reason)
        }
    }

    static func referenceConfigs() throws -> ModelConfigs {
        let folder = try CheckpointFolder(path: CheckpointCopy.original)
        return try ModelConfigs(
            textEncoder: folder.configuration(.textEncoder), transformer: folder.configuration(.transformer),
            decoder: folder.configuration(.decoder), scheduler: folder.schedulerConfiguration(), file: { $0 })
    }

    @Test(arguments: Preset.allCases)
    func everyTensorOfTheReferenceModelHasAScheme(preset: Preset) throws {
        #expect(try Self.schemes(preset).count == Self.referenceConfigs().tensors.count)
    }

    @Test(arguments: Preset.allCases)
    func everyKeptMatrixHasAReason(preset: Preset) throws {
        for tensor in try Self.schemes(preset) where tensor.scheme == .f16 {
            #expect(tensor.reason != nil, "\(tensor.name)")
        }
    }

    @Test func fp16KeepsEverything() throws {
        #expect(try Self.schemes(.fp16).allSatisfy { $0.scheme == .f16 })
    }

    @Test func sanaQuantizesThePapersLayersAndNoOthers() throws {
        for tensor in try Self.schemes(.sana) {
            let isQuantized = [
                "attn1.to_q.weight", "attn1.to_k.weight", "attn1.to_v.weight", "attn1.to_out.0.weight",
                "attn2.to_q.weight", "attn2.to_out.0.weight", "ff.conv_inverted.weight",
                "ff.conv_point.weight",
            ].contains {
                tensor.name.hasPrefix("transformer.transformer_blocks.") && tensor.name.hasSuffix(".\($0)")
            }
            #expect(tensor.scheme == (isQuantized ? .w8a8 : .f16), "\(tensor.name)")
        }
    }

    @Test func edgeIsSanaWithTextEncoderAndDecoder() throws {
        for (sana, edge) in zip(try Self.schemes(.sana), try Self.schemes(.edge)) {
            if edge.name.hasPrefix("transformer.") {
                #expect(edge.scheme == sana.scheme, "\(edge.name)")
            } else if edge.name.hasPrefix("text_encoder.") {
                #expect(edge.scheme == (edge.kind == .vector ? .f16 : .w8), "\(edge.name)")
            } else if ["vae.decoder.conv_in.weight", "vae.decoder.conv_out.weight"].contains(edge.name) {
                #expect(edge.scheme == .f16, "\(edge.name)")
            } else if edge.kind == .convolution || edge.kind == .upsamplingConvolution {
                #expect(edge.scheme == .w8a8, "\(edge.name)")
            }
        }
    }

    /// Options of checkpoints that the reference model does not use.
    @Test(arguments: Preset.allCases)
    func tensorsOfOtherCheckpointsHaveASchemeToo(preset: Preset) throws {
        let others = [
            TensorSpec(.transformer, "time_embed.guidance_embedder.linear_1.weight", [64, 256], .linear),
            TensorSpec(.transformer, "transformer_blocks.0.attn1.norm_q.weight", [64], .vector),
            TensorSpec(.transformer, "transformer_blocks.0.attn2.norm_k.weight", [64], .vector),
            TensorSpec(.transformer, "transformer_blocks.0.norm2.bias", [64], .vector),
            TensorSpec(.transformer, "transformer_blocks.0.attn1.to_q.bias", [64], .vector),
            TensorSpec(.textEncoder, "layers.0.self_attn.q_proj.bias", [64], .vector),
            TensorSpec(.decoder, "decoder.conv_out.conv.weight", [3, 64, 3, 3], .upsamplingConvolution),
            TensorSpec(.decoder, "decoder.conv_out.conv.bias", [3], .vector),
        ]
        #expect(try Policy(nameOrPath: preset.rawValue).assign(others).allSatisfy { $0.scheme == .f16 })
    }
}
