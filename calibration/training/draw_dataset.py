"""Stage 2: draws the scenes once and keeps what the next two stages need.

    python draw_dataset.py --model MODEL --out WORK                # H200, 90 s

WORK/dataset.pt gets the latents and token ids, WORK/pictures.npy CLIP's pictures (13 GB for all scenes).
"""

import argparse
import os
from pathlib import Path

import numpy
import torch
from data import caption_pool
from models import CLIP_TOKENS, LATENT, PROMPT_TOKENS, autoencoder
from optimization import Log, fast_matmul
from scenes.grammar import sample
from scenes.renderer import render, render_scenes

CLIP_SIZE = 224
RECONSTRUCTED = 8  # one batch of CLIP's pictures in so many is the autoencoder's reconstruction


def load_autoencoder(path, device):
    """The model, and what its latents are multiplied by."""
    saved = torch.load(path, map_location="cpu")
    vae = autoencoder()
    vae.load_state_dict(saved["model"])
    return vae.to(device, memory_format=torch.channels_last).eval(), float(saved["scaling"])


@torch.no_grad()
def draw(scenes, vae, scaling, options):
    """Latents (N, 32, 16, 16) in float16; the first pictures go to pictures.npy, (N, 3, 224, 224) uint8."""
    device, renderer = options.device, render
    if device == "cuda":
        renderer = torch.compile(render, dynamic=False)
        for module in vae.modules():
            if type(module).__name__ == "RMSNorm":
                module.compile(dynamic=False)
    latents = torch.empty(len(scenes), 32, LATENT, LATENT, dtype=torch.float16)
    pictures = numpy.lib.format.open_memmap(
        options.out / "pictures.npy", "w+", "uint8", (options.pictures, 3, CLIP_SIZE, CLIP_SIZE)
    )
    log = Log()
    for batch, i in enumerate(range(0, len(scenes), options.batch)):
        rows = slice(i, i + options.batch)
        drawn = render_scenes(scenes[rows], 5000000 + i, device, renderer)
        with torch.autocast(device, dtype=torch.bfloat16):
            encoded = vae.encode((drawn * 2 - 1).contiguous(memory_format=torch.channels_last))[0]
            if i < options.pictures and batch % RECONSTRUCTED == 0:
                drawn = vae.decode(encoded)[0].float().div(2).add(0.5).clamp(0, 1)
        latents[rows] = (encoded.float() * scaling).half().cpu()
        if i < options.pictures:
            small = torch.nn.functional.interpolate(drawn, CLIP_SIZE, mode="bicubic", antialias=True)
            levels = (small.clamp(0, 1) * 255).round().byte().cpu().numpy()
            pictures[rows] = levels[: options.pictures - i]
        log(batch + 1, scenes=i + len(drawn))
    pictures.flush()
    return latents


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="where the tokenizers are")
    parser.add_argument("--out", type=Path, required=True, help="has autoencoder.pt of stage 1")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--scenes", type=int, default=89600)
    parser.add_argument("--pictures", type=int, help="as many as scenes by default")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.pictures = min(options.pictures or options.scenes, options.scenes)
    scenes = sample(options.scenes, torch.Generator().manual_seed(31))
    # The captions come first: their worker processes are forked, which must happen before CUDA starts.
    captions = caption_pool(scenes, options.model / "tokenizer", PROMPT_TOKENS, 4, 0, 0.2, 7, options.workers)
    clip_captions = caption_pool(
        scenes[: options.pictures], options.model / "clip", CLIP_TOKENS, 2, 2, 0.15, 8, options.workers
    )
    fast_matmul(options.device == "cuda")
    vae, scaling = load_autoencoder(options.out / "autoencoder.pt", options.device)
    dataset = {"scenes": scenes, "captions": captions, "clip_captions": clip_captions}
    dataset["latents"] = draw(scenes, vae, scaling, options)
    torch.save(dataset, options.out / "dataset.pt")


if __name__ == "__main__":
    main()
