"""One pass of the transformer with its inputs, its output and what flows between its blocks."""

import torch
from reference import NEGATIVE_PROMPT, SHORT_PROMPT, load_pipeline
from safetensors.torch import save_file

from stages.text_encoder import selected_rows

CASES = {
    "square": {"height": 16, "width": 16, "timestep": 937},
    "wide": {"height": 12, "width": 20, "timestep": 402},
}
CAPTIONS = {"conditional": SHORT_PROMPT, "negative": NEGATIVE_PROMPT, "empty": ""}
TOKEN_STRIDE = 37


def record(transformer, seen):
    """Hooks that put every `TOKEN_STRIDE`-th token of the stages' outputs, (tokens, width), into `seen`."""
    stages = {"patch": transformer.patch_embed}
    stages |= {f"block{i}": block for i, block in enumerate(transformer.transformer_blocks)}

    def keep(name):
        return lambda _module, _inputs, output: seen.__setitem__(name, output[0, ::TOKEN_STRIDE].clone())

    hooks = [stage.register_forward_hook(keep(name)) for name, stage in stages.items()]
    hooks.append(
        transformer.time_embed.register_forward_hook(
            lambda _module, _inputs, output: seen.update(
                modulation=output[0][0].clone(), embedded=output[1][0].clone()
            )
        )
    )
    hooks.append(
        transformer.caption_norm.register_forward_hook(
            lambda _module, _inputs, output: seen.__setitem__("caption", output[0].clone())
        )
    )
    return hooks


def write(folder, manifest):
    pipeline = load_pipeline()
    transformer = pipeline.transformer
    tensors = {
        f"text.{caption}": selected_rows(pipeline, prompt, None) for caption, prompt in CAPTIONS.items()
    }
    for case, shape in CASES.items():
        generator = torch.Generator().manual_seed(shape["timestep"])
        latents = torch.randn(1, 32, shape["height"], shape["width"], generator=generator)
        tensors[f"{case}.latents"] = latents
        for caption in CAPTIONS:
            seen = {}
            hooks = record(transformer, seen) if (case, caption) == ("square", "conditional") else []
            velocity = transformer(
                latents,
                encoder_hidden_states=tensors[f"text.{caption}"][None],
                timestep=torch.tensor([float(shape["timestep"])]),
                return_dict=False,
            )[0]
            for hook in hooks:
                hook.remove()
            tensors[f"{case}.{caption}.velocity"] = velocity
            tensors |= {f"{case}.{caption}.{name}": value for name, value in seen.items()}
    save_file(
        {name: value.contiguous() for name, value in tensors.items()}, folder / "transformer.safetensors"
    )
    manifest.add(
        "transformer.safetensors",
        "transformer",
        "text.CAPTION: valid text rows (rows, hidden). CASE.latents: input (1, channels, height, width). "
        "CASE.CAPTION.velocity: output. square.conditional.*: modulation (6 width), embedded (width), caption rows "
        "after caption_norm, and every `tokenStride`-th token after patch_embed and after each block.",
        cases=CASES,
        captions=CAPTIONS,
        tokenStride=TOKEN_STRIDE,
    )
