import ArgumentParser
import SanaModel
import SanaQuant

/// `sana-quant convert`: a checkpoint to a pack.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a checkpoint into a pack.",
        discussion: """
            Reads a diffusers folder of a Sana model (model_index.json, transformer/, text_encoder/, tokenizer/, \
            vae/, scheduler/) and writes one file with all that a run needs: weights, tokenizer, configurations and \
            the licence's text. Then prints what became of the weights and how far they moved.

            A policy gives each tensor a scheme: w8a8 (INT8 weights and activations), w8 (INT8 weights), f16 (the \
            checkpoint's own 16 bits) or f32. The policies are:
              edge  the transformer as in sana, the text encoder w8, the
                    decoder's convolutions w8a8 but for the first and the last
              sana  the Sana paper's: the transformer's matrix products w8a8,
                    all else as it is
              fp16  everything as it is: what others are compared with
            A file of one's own is YAML: a list of rules, of which the first that matches a tensor's name decides.
              rules:
                - match: ["*.attn2.to_k.weight", "*.attn2.to_v.weight"]
                  scheme: f16
                  reason: shown in the report
            In a pattern, * stands for any run of characters and ? for one.

            Sana's pipeline puts an instruction before every prompt, whose text is part of the pipeline and not of \
            the checkpoint. calibration/extract-instruction.py takes it out of an installed diffusers; without \
            --instruction, prompts go in bare.

            --lora adds a LoRA adapter to the transformer before it is quantized: a safetensors file in diffusers' or \
            PEFT's naming, or its folder, and after a colon how strongly it counts.

            Examples:
              sana-quant convert Sana_600M_512px_diffusers -o sana.sanaq
              sana-quant convert Sana_600M_512px_diffusers -o sana.sanaq \\
                  --calibration calibration.safetensors
              sana-quant convert Sana_600M_512px_diffusers -o sana.sanaq \\
                  --keep "transformer.*.attn2.to_q.weight" \\
                  --instruction instruction.json
              sana-quant convert Sana_600M_512px_diffusers -o ink.sanaq \\
                  --lora ink/pytorch_lora_weights.safetensors:0.8

            A JSON object has "path", "policy", "bytesBefore", "bytesAfter", "seconds", "adapters", "calibration", \
            "judgement" (of each component that the calibration would change: signal to noise of its output in dB, \
            "plain" and "calibrated", and whether it is "kept"), "notes" (what was not taken and why), "components" (each with its "schemes") and "tensors" (each with "name", "scheme", "reason", "sqnr", the \
            signal to quantization noise in dB, null where nothing was lost, and "calibration": "plainSQNR" and \
            "sqnr" of the layer's output without and with what was found, "alpha", the strength of its factors, and \
            "searchedScales").
            """)

    @Argument(help: "The checkpoint's folder.")
    var checkpoint: String

    @Option(
        name: [.short, .customLong("output")], help: ArgumentHelp("Where the pack goes.", valueName: "pack"))
    var output: String

    @Option(
        help: ArgumentHelp("edge, sana, fp16, or the path of a policy's YAML file.", valueName: "policy"))
    var policy = Preset.edge.rawValue

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            """
            Leave the tensors whose names match at 16 bits, whatever the policy says. May be given several times; \
            `inspect --tensors` shows the names.
            """,
            valueName: "pattern"))
    var keep: [String] = []

    @Option(
        help: ArgumentHelp(
            "A JSON list of lines that go before every prompt, joined by newlines.", valueName: "file"))
    var instruction: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            """
            Add a LoRA adapter to the transformer, times the scale. May be given several times. (default scale: 1)
            """,
            valueName: "file[:scale]"))
    var lora: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            What `sana-quant calibrate` measured on this model: factors that bring outliers of activations to scale \
            and scales that lose least are looked for, and taken where they lose less.
            """, valueName: "file"))
    var calibration: String?

    @Flag(help: "Replace the pack if it exists.")
    var overwrite = false

    @Flag(help: "Print the result as one JSON object.")
    var json = false

    func run() throws {
        var converter = Converter(tool: "sana-quant \(version)", checkpoint: checkpoint, output: output)
        converter.policy = policy
        converter.keep = keep
        converter.instruction = instruction
        converter.adapters = lora
        converter.calibration = calibration
        converter.overwrite = overwrite
        converter.threads = try ThreadOptions.affordable()

        let display = ConvertDisplay()
        let report = try converter.run { stage, done, total in
            try Interruption.check()
            display.show(stage, done: done, of: total)
        }
        if !report.hasInstruction {
            Console.message(
                "The pack has no instruction, so prompts go in bare; "
                    + "calibration/extract-instruction.py makes the file for --instruction.")
        }
        for note in report.calibration?.notes ?? [] { Console.message(note) }
        try Console.result(json ? report.json.serialized() : ConversionSummary(report).text)
    }
}
