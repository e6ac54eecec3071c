import SanaModel

extension SensitivityReport.Choice {
    /// The choice as a policy's YAML. What it keeps stands first; behind it everything is INT8 that can be.
    public func policy(name: String, measured: String) -> String {
        var text = """
            name: \(name)
            description: >-
              Chosen by sana-quant calibrate --sensitivity: \(measured)

            rules:
              - match: ["*.bias", "*norm*.weight", "*scale_shift_table", "*.conv_depth.weight", "*.patch_embed.proj.weight"]
                scheme: f16
                reason: no matrix products
              - match: "vae.decoder.*.attn.to_qkv_multiscale.*"
                scheme: f16
                reason: depthwise and grouped convolutions are no matrix products

            """
        if !kept.isEmpty {
            text += "  - match:\n"
            text += kept.map { "      - \"\($0)\"\n" }.joined()
            text += "    scheme: f16\n    reason: sensitive for its size\n"
        }
        return text + """
              - match: "text_encoder.embed_tokens.weight"
                scheme: f16
                reason: a table of rows that are looked up was not measured
              - match: "text_encoder.*.weight"
                scheme: w8
              - match: "*.weight"
                scheme: w8a8

            """
    }
}
