import SanaModel
import Testing

/// Configurations of the family: what goes together, and what is refused by name.
@Suite struct ModelConfigsTests {
    static let decoder: JSON = [
        "encoder_block_out_channels": [8, 8, 8, 8, 8, 8],
        "decoder_block_out_channels": [8, 8, 8, 32, 32, 32],
        "decoder_layers_per_block": [1, 1, 1, 1, 1, 1], "decoder_qkv_multiscales": [[], [], [], [], [], []],
    ]
    static let flow: JSON = ["prediction_type": "flow_prediction", "use_flow_sigmas": true]
    static let sprint: JSON = ["_class_name": "SCMScheduler"]

    private func configs(_ transformer: JSON, _ scheduler: JSON) throws -> ModelConfigs {
        try ModelConfigs(
            textEncoder: [:], transformer: transformer, decoder: Self.decoder, scheduler: scheduler,
            file: { $0 })
    }

    @Test func guidanceIsEmbeddedWhereTheSchedulerIsOfFewSteps() throws {
        #expect(try !configs([:], Self.flow).isFewStep)
        #expect(try configs(["guidance_embeds": true], Self.sprint).isFewStep)
        #expect(throws: ConfigError.self) { try configs(["guidance_embeds": true], Self.flow) }
        #expect(throws: ConfigError.self) { try configs([:], Self.sprint) }
        #expect(throws: ConfigError.self) {
            try configs(["guidance_embeds": true, "out_channels": 64], Self.sprint)
        }
    }

    /// An int8 product adds up 65536 inputs at most.
    @Test func aDeeperLayerHasNoInt8Arithmetic() throws {
        func schemes(_ inputs: Int, _ kind: TensorSpec.Kind) -> Set<Scheme> {
            TensorSpec(.textEncoder, "weight", [4, inputs, 3, 3], kind).schemes
        }
        for kind in [TensorSpec.Kind.linear, .convolution, .upsamplingConvolution] {
            #expect(schemes(65536, kind).contains(.w8a8))
            #expect(schemes(65537, kind) == [.f16, .f32])
        }
    }

    @Test func fewStepModelsBinAt1024PixelsAlone() throws {
        #expect(try configs(["guidance_embeds": true], Self.sprint).binsSizes)
        #expect(try !configs(["guidance_embeds": true, "sample_size": 16], Self.sprint).binsSizes)
        #expect(try configs(["sample_size": 16], Self.flow).binsSizes)
    }

    @Test func theTimestepsEmbeddingMovesWhereGuidanceStandsBesideIt() throws {
        let plain = try configs([:], Self.flow).transformer.tensors.map(\.name)
        let guided = try configs(["guidance_embeds": true], Self.sprint).transformer.tensors.map(\.name)
        #expect(plain.contains("time_embed.emb.timestep_embedder.linear_1.weight"))
        #expect(guided.contains("time_embed.timestep_embedder.linear_1.weight"))
        #expect(guided.contains("time_embed.guidance_embedder.linear_2.bias"))
        #expect(guided.count == plain.count + 4)
    }

    /// Outputs that are absent are 32, null is as many as there are inputs.
    @Test func outputsHaveTheirDefault() throws {
        #expect(try configs([:], Self.flow).transformer.outChannels == 32)
        #expect(try configs(["out_channels": nil], Self.flow).transformer.outChannels == 32)
        #expect(throws: ConfigError.self) { try configs(["out_channels": 48], Self.flow) }
    }

    @Test(
        arguments: [
            (["_class_name": "EulerDiscreteScheduler"], "EulerDiscreteScheduler"),
            (["_class_name": "SCMScheduler", "prediction_type": "epsilon"], "prediction_type"),
            (
                ["_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true],
                "use_dynamic_shifting"
            ),
            (["_class_name": "FlowMatchEulerDiscreteScheduler", "shift_terminal": 0.1], "shift_terminal"),
            (["_class_name": "FlowMatchEulerDiscreteScheduler", "invented": 1], "invented"),
            (["prediction_type": "flow_prediction"], "use_flow_sigmas"),
            (
                [
                    "prediction_type": "flow_prediction", "use_flow_sigmas": true,
                    "algorithm_type": "sde-dpmsolver++",
                ],
                "sde-dpmsolver++"
            ),
        ] as [(JSON, String)])
    func aSchedulerThatIsNotKnownIsRefusedByName(json: JSON, name: String) {
        let error = #expect(throws: ConfigError.self) { try SchedulerConfig(json: json, file: "scheduler") }
        #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
    }
}
