import SanaModel

/// The smallest model that the configurations allow, and a pack of it with made-up weights.
struct TinyPack {
    var manifest: Manifest
    var tensors: [TensorSpec]
    /// Leaves some tensors of each kind unquantized.
    var scheme: (TensorSpec) -> Scheme
    /// What is stored instead of a tensor's own name, shape.
    var name: (TensorSpec) -> String = { $0.packName }
    var shape: (TensorSpec, Scheme) -> [Int] = { $0.packShape($1) }
    /// What is stored instead of `manifest`.
    var manifestBytes: [UInt8]?
    var blobs: [PackBlob: [UInt8]] = [.tokenizer: noise(700), .licence: Array("Do as you please.".utf8)]

    static let components: [Component: JSON] = [
        .textEncoder: [
            "model_type": "gemma2", "vocab_size": 12, "hidden_size": 4, "intermediate_size": 6,
            "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 2,
        ],
        .transformer: [
            "_class_name": "SanaTransformer2DModel", "num_attention_heads": 1, "attention_head_dim": 4,
            "num_layers": 1, "num_cross_attention_heads": 1, "cross_attention_head_dim": 2,
            "cross_attention_dim": 4, "caption_channels": 4, "in_channels": 2, "out_channels": 2,
            "mlp_ratio": 1.5,
            "sample_size": 4,
        ],
        .decoder: [
            "_class_name": "AutoencoderDC", "latent_channels": 2, "attention_head_dim": 2,
            "decoder_block_out_channels": [2, 4], "decoder_layers_per_block": [1, 1],
            "decoder_block_types": ["ResBlock", "EfficientViTBlock"], "decoder_qkv_multiscales": [[], [3]],
            "upsample_block_type": "interpolate", "encoder_block_out_channels": [2, 4],
        ],
    ]

    init() throws {
        manifest = Manifest(
            tool: "sana-quant 0.1.0", modelName: "tiny", modelClass: "SanaPipeline", licence: "MIT",
            policy: Manifest.AppliedPolicy(name: "edge", text: "rules: []\n"), components: Self.components,
            scheduler: ["prediction_type": "flow_prediction", "use_flow_sigmas": true],
            defaults: Manifest.Defaults(width: 8, height: 8, steps: 20, guidance: 4.5, seed: 0),
            sources: [
                Manifest.Source(path: "vae/model.safetensors", size: 12345, hash: 0x00AB_CDEF_0123_4567)
            ],
            hasInstruction: false, isCalibrated: false)
        tensors = try manifest.configs(of: "tiny").tensors
        scheme = { spec in
            spec.schemes.contains(.w8a8) ? .w8a8 : spec.schemes.contains(.w8) ? .w8 : .f16
        }
    }

    /// Writes the pack and returns its path.
    @discardableResult
    func write(in folder: PackFolder, as name: String = "tiny.sanaq") throws -> String {
        let path = "\(folder.path)/\(name)"
        let writer = try PackWriter(target: path, overwrite: true)
        for (index, spec) in tensors.enumerated() {
            let scheme = scheme(spec)
            let type: ElementType = scheme.isQuantized ? .i8 : scheme == .f16 ? .f16 : .f32
            let shape = shape(spec, scheme)
            try writer.write(
                self.name(spec), scheme, type, shape,
                spec.kind == .factors
                    ? (0..<shape[0]).flatMap { _ in littleEndianBytes(Float(0.5).bitPattern) }
                    : sampleValues(type, count: shape.reduce(1, *), seed: UInt64(index + 1)))
        }
        if let manifestBytes {
            try writer.add(.manifest, manifestBytes)
        } else {
            try writer.add(manifest)
        }
        for (kind, bytes) in blobs { try writer.add(kind, bytes) }
        _ = try writer.finish()
        return path
    }
}

extension PackWriter {
    /// A whole tensor; all scales of a quantized one are 0.5.
    func write(
        _ name: String, _ scheme: Scheme, _ type: ElementType, _ shape: [Int], _ values: [UInt8]
    ) throws {
        try begin(name, scheme, type, shape)
        let rowBytes = values.count / shape[0]
        let step = ChunkPlan.rowsPerChunk(rowBytes: rowBytes) * rowBytes
        for start in stride(from: 0, to: values.count, by: step) {
            let part = Array(values[start..<min(start + step, values.count)])
            try append(try ChunkCodec.encode(part, elementType: type))
        }
        try end(scales: scheme.isQuantized ? [Float](repeating: 0.5, count: shape[0]) : [])
    }
}

/// Values that a pack may hold: finite, and no -128.
func sampleValues(_ type: ElementType, count: Int, seed: UInt64 = 1) -> [UInt8] {
    var bytes = noise(count * type.byteCount, seed: seed)
    switch type {
    case .i8:
        for index in bytes.indices where bytes[index] == 0x80 { bytes[index] = 0 }
    case .f16, .bf16, .f32:
        // Without the topmost bit of the exponent no float is infinite.
        let width = type.byteCount
        for index in stride(from: width - 1, to: bytes.count, by: width) { bytes[index] &= 0xBF }
    }
    return bytes
}
