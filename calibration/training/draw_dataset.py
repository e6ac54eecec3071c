"""Stage 2: draws the transformer's scenes once and keeps their latents and token ids in WORK/dataset.pt.

python draw_dataset.py --model MODEL --out WORK                # H200, 90 s
python draw_dataset.py --model MODEL --out WORK --autoencoder MODEL/vae --seed 32 --caption-seed 8
"""

import argparse
import os
from pathlib import Path

import torch
from data import caption_pool
from models import LATENT, PROMPT_TOKENS, load_autoencoder
from optimization import Log, fast_matmul
from scenes.grammar import sample
from scenes.renderer import render, render_scenes


@torch.no_grad()
def draw(scenes, vae, scaling, options):
    """Latents (N, 32, 16, 16) in float16."""
    device = options.device
    renderer = torch.compile(render, dynamic=False) if device == "cuda" else render
    latents = torch.empty(len(scenes), 32, LATENT, LATENT, dtype=torch.float16)
    log = Log()
    for batch, i in enumerate(range(0, len(scenes), options.batch)):
        rows = slice(i, i + options.batch)
        drawn = render_scenes(scenes[rows], 5000000 + i, device, renderer)
        with torch.autocast(device, dtype=torch.bfloat16):
            encoded = vae.encode((drawn * 2 - 1).contiguous(memory_format=torch.channels_last))[0]
        latents[rows] = (encoded.float() * scaling).half().cpu()
        log(batch + 1, scenes=i + len(drawn))
    return latents


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="where the tokenizers are")
    parser.add_argument("--out", type=Path, required=True, help="has autoencoder.pt of stage 1")
    parser.add_argument("--autoencoder", type=Path, help="a packaged folder to take instead of it")
    parser.add_argument("--seed", type=int, default=31, help="of what the scenes hold; where it stands is drawn alike")
    parser.add_argument("--caption-seed", type=int, default=7)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--scenes", type=int, default=89600)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    scenes = sample(options.scenes, torch.Generator().manual_seed(options.seed))
    # The captions come first: their worker processes are forked, which must happen before CUDA starts.
    captions = caption_pool(
        scenes, options.model / "tokenizer", PROMPT_TOKENS, 4, 0.2, options.caption_seed, options.workers
    )
    fast_matmul(options.device == "cuda")
    vae, scaling = load_autoencoder(options.autoencoder or options.out / "autoencoder.pt", options.device)
    dataset = {"scenes": scenes, "captions": captions}
    dataset["latents"] = draw(scenes, vae, scaling, options)
    torch.save(dataset, options.out / "dataset.pt")


if __name__ == "__main__":
    main()
