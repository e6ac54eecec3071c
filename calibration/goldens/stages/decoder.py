"""The decoder's picture of one small latent, and what flows between its stages."""

import torch
from PIL import Image
from reference import load_pipeline
from safetensors.torch import save_file

PROMPT = "a large striped orange ring over a sandy desert under an orange sky"
LARGEST = 8192  # elements kept of one stage's output


def latents(pipeline):
    """(1, 32, 4, 6): a picture's latents as the denoiser leaves them, before the division by the scaling factor."""
    return pipeline(
        PROMPT,
        height=128,
        width=192,
        num_inference_steps=8,
        generator=torch.Generator().manual_seed(11),
        use_resolution_binning=False,
        complex_human_instruction=None,
        output_type="latent",
    ).images


def strided(output):
    """(channels, height, width) with as many rows and columns left out as `LARGEST` asks for."""
    stride = 1
    while output[0, :, ::stride, ::stride].numel() > LARGEST:
        stride += 1
    return output[0, :, ::stride, ::stride].contiguous(), stride


def write(folder, manifest):
    pipeline = load_pipeline()
    decoder = pipeline.vae.decoder
    start = latents(pipeline)
    tensors, strides, hooks = {"latents": start}, {}, []

    def keep(name):
        def hook(_module, _inputs, output):
            tensors[name], strides[name] = strided(output)

        return hook

    for index, block in enumerate(decoder.up_blocks):
        hooks.append(block.register_forward_hook(keep(f"up_blocks.{index}")))
    hooks.append(decoder.up_blocks[-1][0].attn.register_forward_hook(keep("up_blocks.5.0.attn")))
    picture = pipeline.vae.decode(start / pipeline.vae.config.scaling_factor, return_dict=False)[0]
    for hook in hooks:
        hook.remove()
    tensors["picture"], strides["picture"] = strided(picture)
    save_file(tensors, folder / "decoder.safetensors")
    levels = (picture[0] / 2 + 0.5).clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(levels).save(folder / "decoder.png", optimize=True)
    manifest.add(
        "decoder.safetensors",
        "decoder",
        "latents (1, 32, 4, 6) as the denoiser leaves them; the output (channels, height, width) of each stage and the "
        "picture (3, 128, 192) in [-1, 1], each with only every `strides`-th row and column.",
        strides=strides,
        scalingFactor=pipeline.vae.config.scaling_factor,
    )
    manifest.add(
        "decoder.png", "decoder", "The whole picture of decoder.safetensors with 8 bits per channel."
    )
