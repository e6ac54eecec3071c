"""Makes a whole Sana checkpoint with random weights, in the shapes and sizes of the published one: the 0.6B
transformer (float16), Gemma-2-2B (bfloat16) and DC-AE (float32), 7.7 GB.

    python random_pipeline.py FOLDER [--size 512|1024|4096]

Pictures from it show nothing; time and memory are those of the real one. Needs NumPy and about half a minute.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
from pathlib import Path
from typing import BinaryIO

import numpy as np

REFERENCE = Path(__file__).resolve().parent.parent / "calibration" / "reference-model"
VOCABULARY = 256_000
GEMMA = {
    "width": 2304, "hidden": 9216, "layers": 26, "heads": 8, "key_value_heads": 4, "head": 256,
}  # fmt: skip
TRANSFORMER = {"width": 1152, "hidden": 2880, "layers": 28, "captions": 2304, "channels": 32}
DECODER_CHANNELS = (128, 256, 512, 512, 1024, 1024)
HEAD = 32

# Shape of each tensor by name; a name that ends in "norm" or "bias" by its last part but "weight" is a vector.
Shapes = dict[str, tuple[int, ...]]


def gemma() -> Shapes:
    width, hidden, head = GEMMA["width"], GEMMA["hidden"], GEMMA["head"]
    queries, keys = GEMMA["heads"] * head, GEMMA["key_value_heads"] * head
    shapes: Shapes = {"embed_tokens.weight": (VOCABULARY, width)}
    for index in range(GEMMA["layers"]):
        layer = f"layers.{index}"
        shapes |= {
            f"{layer}.self_attn.q_proj.weight": (queries, width),
            f"{layer}.self_attn.k_proj.weight": (keys, width),
            f"{layer}.self_attn.v_proj.weight": (keys, width),
            f"{layer}.self_attn.o_proj.weight": (width, queries),
            f"{layer}.mlp.gate_proj.weight": (hidden, width),
            f"{layer}.mlp.up_proj.weight": (hidden, width),
            f"{layer}.mlp.down_proj.weight": (width, hidden),
        }
        for norm in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            shapes[f"{layer}.{norm}_layernorm.weight"] = (width,)
    return shapes | {"norm.weight": (width,)}


def linear(name: str, out: int, inputs: int) -> Shapes:
    return {f"{name}.weight": (out, inputs), f"{name}.bias": (out,)}


def transformer() -> Shapes:
    width, hidden, channels = TRANSFORMER["width"], TRANSFORMER["hidden"], TRANSFORMER["channels"]
    embedder = "time_embed.emb.timestep_embedder"
    shapes: Shapes = {
        "patch_embed.proj.weight": (width, channels, 1, 1), "patch_embed.proj.bias": (width,),
        "caption_norm.weight": (width,), "scale_shift_table": (2, width),
    }  # fmt: skip
    shapes |= linear(f"{embedder}.linear_1", width, 256) | linear(f"{embedder}.linear_2", width, width)
    shapes |= linear("time_embed.linear", 6 * width, width)
    shapes |= linear("caption_projection.linear_1", width, TRANSFORMER["captions"])
    shapes |= linear("caption_projection.linear_2", width, width) | linear("proj_out", channels, width)
    for index in range(TRANSFORMER["layers"]):
        block = f"transformer_blocks.{index}"
        shapes[f"{block}.scale_shift_table"] = (6, width)
        for part in ("to_q", "to_k", "to_v"):
            shapes[f"{block}.attn1.{part}.weight"] = (width, width)
            shapes |= linear(f"{block}.attn2.{part}", width, width)
        shapes |= linear(f"{block}.attn1.to_out.0", width, width) | linear(f"{block}.attn2.to_out.0", width, width)
        shapes |= {
            f"{block}.ff.conv_inverted.weight": (2 * hidden, width, 1, 1),
            f"{block}.ff.conv_inverted.bias": (2 * hidden,),
            f"{block}.ff.conv_depth.weight": (2 * hidden, 1, 3, 3),
            f"{block}.ff.conv_depth.bias": (2 * hidden,),
            f"{block}.ff.conv_point.weight": (width, hidden, 1, 1),
        }
    return shapes


def norm(name: str, channels: int) -> Shapes:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


def efficient_vit(name: str, width: int) -> Shapes:
    shapes: Shapes = {f"{name}.attn.{part}.weight": (width, width) for part in ("to_q", "to_k", "to_v")}
    return shapes | norm(f"{name}.attn.norm_out", width) | norm(f"{name}.conv_out.norm", width) | {
        f"{name}.attn.to_qkv_multiscale.0.proj_in.weight": (3 * width, 1, 5, 5),
        f"{name}.attn.to_qkv_multiscale.0.proj_out.weight": (3 * width, HEAD, 1, 1),
        f"{name}.attn.to_out.weight": (width, 2 * width),
        f"{name}.conv_out.conv_inverted.weight": (8 * width, width, 1, 1),
        f"{name}.conv_out.conv_inverted.bias": (8 * width,),
        f"{name}.conv_out.conv_depth.weight": (8 * width, 1, 3, 3),
        f"{name}.conv_out.conv_depth.bias": (8 * width,),
        f"{name}.conv_out.conv_point.weight": (width, 4 * width, 1, 1),
    }


def autoencoder() -> Shapes:
    """The decoder, and one tensor as large as the encoder, which a conversion leaves out."""
    last = DECODER_CHANNELS[-1]
    shapes: Shapes = {
        "encoder.weight": (1, 153_000_000), "decoder.conv_in.weight": (last, 32, 3, 3), "decoder.conv_in.bias": (last,)
    }  # fmt: skip
    for stage in reversed(range(len(DECODER_CHANNELS))):
        width, first = DECODER_CHANNELS[stage], 0
        if stage + 1 < len(DECODER_CHANNELS):
            name, first = f"decoder.up_blocks.{stage}.0.conv", 1
            shapes |= {f"{name}.weight": (width, DECODER_CHANNELS[stage + 1], 3, 3), f"{name}.bias": (width,)}
        for block in range(first, first + 3):
            name = f"decoder.up_blocks.{stage}.{block}"
            if stage >= 3:
                shapes |= efficient_vit(name, width)
            else:
                shapes |= {
                    f"{name}.conv1.weight": (width, width, 3, 3), f"{name}.conv1.bias": (width,),
                    f"{name}.conv2.weight": (width, width, 3, 3),
                } | norm(f"{name}.norm", width)  # fmt: skip
    shapes |= norm("decoder.norm_out", DECODER_CHANNELS[0])
    return shapes | {"decoder.conv_out.weight": (3, DECODER_CHANNELS[0], 3, 3), "decoder.conv_out.bias": (3,)}


class Weights:
    """Normal numbers from one pool, each tensor from another place of it on, scaled so that sums keep their size."""

    PIECE = 1 << 22

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.pool = self.random.standard_normal(1 << 24, dtype=np.float32)

    def write(self, file: BinaryIO, name: str, shape: tuple[int, ...], dtype: str, norm_centre: float) -> None:
        is_norm = len(shape) == 1 and "norm" in name and name.endswith("weight")
        fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else 2500
        centre, scale = (norm_centre, 0.02) if is_norm else (0.0, fan_in**-0.5)
        count = int(np.prod(shape))
        for start in range(0, count, self.PIECE):
            length = min(self.PIECE, count - start)
            first = int(self.random.integers(0, len(self.pool) - length))
            values = self.pool[first : first + length] * np.float32(scale) + np.float32(centre)
            if dtype == "BF16":
                file.write((values.view(np.uint32) >> 16).astype(np.uint16).tobytes())
            else:
                file.write(values.astype({"F16": np.float16, "F32": np.float32}[dtype]).tobytes())


def write_safetensors(path: Path, shapes: Shapes, dtype: str, weights: Weights, norm_centre: float = 1.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header, offset = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape)) * (4 if dtype == "F32" else 2)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            weights.write(file, name, shape, dtype, norm_centre)


def write_tokenizer(folder: Path) -> None:
    """As many tokens and merges as Gemma's tokenizer has, the reference model's own among them."""
    shutil.copytree(REFERENCE / "tokenizer", folder, ignore=shutil.ignore_patterns("tokenizer.model"))
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    model = tokenizer["model"]
    vocabulary, merges = model["vocab"], model["merges"]
    known = {tuple(pair) for pair in merges}
    plain = [token for token in vocabulary if not token.startswith("<")]
    for left, right in itertools.product(plain, plain):
        token = left + right
        if len(vocabulary) == VOCABULARY:
            break
        if token in vocabulary:
            continue
        vocabulary[token] = len(vocabulary)
        for cut in range(1, len(token)):
            pair = (token[:cut], token[cut:])
            if pair[0] in vocabulary and pair[1] in vocabulary and pair not in known:
                known.add(pair)
                merges.append(list(pair))
    path.write_text(json.dumps(tokenizer, ensure_ascii=False))


def write_configurations(folder: Path, size: int) -> None:
    def change(component: str, **values: object) -> None:
        source = REFERENCE / component / "config.json"
        target = folder / component / "config.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(json.loads(source.read_text()) | values, indent=2))

    change(
        "text_encoder", vocab_size=VOCABULARY, hidden_size=GEMMA["width"], intermediate_size=GEMMA["hidden"],
        num_hidden_layers=GEMMA["layers"], num_attention_heads=GEMMA["heads"], head_dim=GEMMA["head"],
        num_key_value_heads=GEMMA["key_value_heads"], query_pre_attn_scalar=256, torch_dtype="bfloat16",
    )  # fmt: skip
    change(
        "transformer", num_layers=TRANSFORMER["layers"], num_attention_heads=36, num_cross_attention_heads=16,
        cross_attention_head_dim=72, cross_attention_dim=1152, caption_channels=TRANSFORMER["captions"],
        sample_size=size // 32, interpolation_scale={2048: 1.0, 4096: 2.0}.get(size),
    )  # fmt: skip
    change(
        "vae", encoder_block_out_channels=DECODER_CHANNELS, decoder_block_out_channels=DECODER_CHANNELS,
        encoder_layers_per_block=[2, 2, 2, 3, 3, 3], decoder_layers_per_block=[3] * 6, scaling_factor=0.41407,
    )  # fmt: skip
    shutil.copytree(REFERENCE / "scheduler", folder / "scheduler")
    shutil.copy(REFERENCE / "model_index.json", folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=1024, choices=(512, 1024, 2048, 4096))
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True)
    write_configurations(folder, arguments.size)
    write_tokenizer(folder / "tokenizer")
    weights = Weights()
    write_safetensors(folder / "text_encoder/model.safetensors", gemma(), "BF16", weights, norm_centre=0.0)
    write_safetensors(folder / "transformer/diffusion_pytorch_model.safetensors", transformer(), "F16", weights)
    write_safetensors(folder / "vae/diffusion_pytorch_model.safetensors", autoencoder(), "F32", weights)
    print(folder)


if __name__ == "__main__":
    main()
