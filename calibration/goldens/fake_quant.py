"""What INT8 costs on the reference model, measured in PyTorch alone: PSNR against float32.

    python calibration/goldens/fake_quant.py [--prompts 4] [--threads 2]

Weights are rounded to int8 per output channel, inputs per token (a pixel, for a convolution), symmetric, and
computed in float32: what an exact W8A8 engine gives. The decoder is then taken apart: all of its layers, all but
one group, and one group alone, on the latents of the float32 run.
"""

import argparse
from contextlib import contextmanager

import torch
from reference import REFERENCE_MODEL, ROOT, load_pipeline
from torch.nn import functional

TRANSFORMER = [
    "attn1.to_q",
    "attn1.to_k",
    "attn1.to_v",
    "attn1.to_out.0",
    "attn2.to_q",
    "attn2.to_out.0",
    "ff.conv_inverted",
    "ff.conv_point",
]
# What a decoder layer's name says about it.
DECODER = {
    "to_q": "attention",
    "to_k": "attention",
    "to_v": "attention",
    "to_out": "attention",
    "conv_inverted": "1x1",
    "conv_point": "1x1",
    "conv1": "3x3",
    "conv2": "3x3",
}


def rounded(values, dims):
    """Symmetric int8 with one scale over `dims`; a row of zeros has scale 1."""
    largest = values.abs().amax(dims, keepdim=True)
    scale = torch.where(largest > 0, largest / 127, torch.ones_like(largest))
    return (values / scale).round().clamp(-127, 127) * scale


def rounded_weight(weight):
    return rounded(weight, tuple(range(1, weight.dim())))


def rounded_input(module, values):
    return rounded(values, 1 if isinstance(module, torch.nn.Conv2d) else -1)


def folded_upsampling(weight, bias, small):
    """3x3 convolution of the picture upsampled twice by nearest, as four 2x2 ones of the picture itself, each rounded
    per output channel."""
    # Of three taps along one axis: which of the two source pixels each falls on, for either parity.
    taps = torch.tensor([[[1.0, 0, 0], [0, 1, 1]], [[1, 1, 0], [0, 0, 1]]])
    batch, _, height, width = small.shape
    output = small.new_empty(batch, len(weight), 2 * height, 2 * width)
    for row in (0, 1):
        for column in (0, 1):
            kernel = rounded_weight(torch.einsum("ah,bw,oihw->oiab", taps[row], taps[column], weight))
            padded = functional.pad(small, (1 - column, column, 1 - row, row))
            output[:, :, row::2, column::2] = functional.conv2d(padded, kernel, bias)
    return output


@contextmanager
def quantized(modules, weights_only=False):
    """The modules in W8A8 (or W8) while the block runs; upsampling blocks (DCUpBlock2d) are folded."""
    hooks, saved = [], []
    for module in modules:
        if type(module).__name__ == "DCUpBlock2d":
            plain = module.forward

            def forward(values, block=module):
                small = rounded(values, 1)
                output = folded_upsampling(block.conv.weight, block.conv.bias, small)
                shortcut = values.repeat_interleave(block.repeats, dim=1)
                return output + functional.pixel_shuffle(shortcut, block.factor)

            module.forward = forward
            saved.append((module, plain))
            continue
        saved.append((module, module.weight.data))
        module.weight.data = rounded_weight(module.weight.data)
        if not weights_only:
            hooks.append(
                module.register_forward_pre_hook(lambda layer, inputs: (rounded_input(layer, inputs[0]),))
            )
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
        for module, value in saved:
            if callable(value):
                module.forward = value
            else:
                module.weight.data = value


def transformer_layers(transformer):
    return [
        module
        for name, module in transformer.named_modules()
        if name.endswith(tuple("." + n for n in TRANSFORMER))
    ]


def text_layers(text_encoder):
    return [m for m in text_encoder.modules() if isinstance(m, (torch.nn.Linear, torch.nn.Embedding))]


def decoder_groups(decoder):
    """Layers by stage and kind, in the order of a run; conv_in and conv_out by themselves."""
    groups = {"conv_in": [decoder.conv_in]}
    for stage in reversed(range(len(decoder.up_blocks))):
        for name, module in decoder.up_blocks[stage].named_modules():
            upsampling = type(module).__name__ == "DCUpBlock2d"
            kind = "upsampling" if upsampling else DECODER.get(name.split(".")[-1])
            if kind:
                groups.setdefault(f"up_blocks.{stage} {kind}", []).append(module)
    groups["conv_out"] = [decoder.conv_out]
    return groups


def psnr(pictures, references):
    """Mean over the pictures, in dB, of pictures in [-1, 1] clamped to it."""
    error = ((pictures.clamp(-1, 1) - references.clamp(-1, 1)) / 2) ** 2
    return (-10 * torch.log10(error.mean((1, 2, 3)))).mean().item()


class Measurement:
    def __init__(self, prompts):
        self.pipeline = load_pipeline(REFERENCE_MODEL)
        self.vae = self.pipeline.vae
        self.prompts = prompts
        self.latents = self.denoise()
        self.pictures = self.decode(self.latents)

    def denoise(self):
        return torch.cat(
            [
                self.pipeline(
                    prompt,
                    height=512,
                    width=512,
                    generator=torch.Generator().manual_seed(seed),
                    complex_human_instruction=None,
                    output_type="latent",
                ).images
                for seed, prompt in enumerate(self.prompts)
            ]
        )

    def decode(self, latents):
        return torch.cat(
            [self.vae.decode(one / self.vae.config.scaling_factor)[0] for one in latents.split(1)]
        )

    def report(self, what, pictures):
        print(f"{what:50}{psnr(pictures, self.pictures):6.1f} dB", flush=True)

    def run(self):
        print(
            f"autoencoder's own error is about 34 dB; mean of {len(self.prompts)} prompts, 512 px, 20 steps\n"
        )
        groups = decoder_groups(self.vae.decoder)
        inner = {name: layers for name, layers in groups.items() if name not in ("conv_in", "conv_out")}

        def join(names):
            return [layer for name in names for layer in groups[name]]

        with quantized(transformer_layers(self.pipeline.transformer)):
            sana = self.denoise()
            with quantized(text_layers(self.pipeline.text_encoder), weights_only=True):
                edge = self.denoise()
        with quantized(text_layers(self.pipeline.text_encoder), weights_only=True):
            text = self.denoise()
        self.report("transformer W8A8 (sana)", self.decode(sana))
        self.report("text encoder W8 alone", self.decode(text))
        self.report("transformer W8A8, text encoder W8", self.decode(edge))
        with quantized(join(inner)):
            self.report("and the decoder but its first and last (edge)", self.decode(edge))
        print("\ndecoder alone, on the latents of float32")
        with quantized(join(groups)):
            self.report("all", self.decode(self.latents))
        with quantized(join(inner)):
            self.report("all but the first and the last", self.decode(self.latents))
        for name in groups:
            with quantized(join(other for other in groups if other != name)):
                self.report(f"all but {name}", self.decode(self.latents))
        for name in groups:
            with quantized(join([name])):
                self.report(f"{name} alone", self.decode(self.latents))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prompts", type=int, default=4, help="how many held-out prompts")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    lines = (ROOT / "calibration" / "prompts" / "heldout.txt").read_text().splitlines()
    prompts = [line for line in lines if line and not line.startswith("#")][: options.prompts]
    with torch.no_grad():
        Measurement(prompts).run()


if __name__ == "__main__":
    main()
