"""Random weights that behave: activations neither die nor explode, and the pictures have structure."""

import math
import zlib

import torch

# What multiplies 1 / sqrt(fan in), by the end of the parameter's name; the first that fits.
GAINS = [
    ("q_proj.weight", 3.0),
    ("attn2.to_q.weight", 2.0),
    ("time_embed.linear.weight", 0.3),
    ("attn2.to_out.0.weight", 0.5),
    ("caption_projection.linear_2.weight", 1.0),
    ("conv_depth.weight", 1.5),
    ("proj_out.weight", 0.7),
    ("decoder.conv_in.weight", 0.5),
    ("decoder.conv_out.weight", 0.6),
    ("decoder.conv_out.conv.weight", 0.6),
    ("embed_tokens.weight", 1.0),
]
# Norms whose output is added to a residual stream, by the end of their module's name.
RESIDUAL_NORM = 0.5


def is_residual_norm(name):
    return name.startswith("decoder.up_blocks") and name.endswith(("norm.weight", "norm_out.weight"))


def draw(name, shape, generator, centre):
    """Values for one parameter. `centre` is what its norms are multiplied by: 0 where a module adds the 1 itself."""
    values = torch.randn(shape, generator=generator)
    if name.endswith("scale_shift_table"):
        # Rows are shift, scale, gate (twice) in a block and shift, scale at the end: gates near 1.
        rows = torch.tensor([0.0, 0.0, 0.7, 0.0, 0.0, 0.7][: shape[0]])
        return 0.2 * values + rows[:, None]
    if name.endswith("bias"):
        return 0.1 * values
    if len(shape) == 1:
        spread = 0.4 if name.endswith(("norm_q.weight", "norm_k.weight")) else 0.1
        return (RESIDUAL_NORM if is_residual_norm(name) else centre) + spread * values
    gain = next((gain for end, gain in GAINS if name.endswith(end)), 1.0)
    fan_in = shape[1] if name.endswith("embed_tokens.weight") else math.prod(shape[1:])
    return gain / math.sqrt(fan_in) * values


def fill(module, seed, norm_centre=1.0):
    """Draws every parameter from a generator of its own, so that no other parameter changes it.

    Values are rounded to float16, so that a checkpoint of F32 files loses nothing when it is stored with 16 bits.
    """
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            generator = torch.Generator().manual_seed(zlib.crc32(f"{seed}/{name}".encode()))
            values = draw(name, parameter.shape, generator, norm_centre)
            parameter.copy_(values.half().float())
    return module
