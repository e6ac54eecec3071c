"""The pairs that CLIP trains on: a pool of pictures and captions, its oldest part drawn anew as training goes on."""

import torch
from data import WRONG_PARTS, attributes, caption_chunks
from models import CLIP_PATCH, CLIP_SIZE, CLIP_TOKENS
from scenes.grammar import FIRST, sample
from scenes.renderer import object_grid, render, render_scenes
from torch.nn import functional

RIGHT = 2  # true captions of each scene
BRIEF = 0.15  # of them
CAPTION_SEED = 62
BATCH = 125  # scenes drawn at once
RECONSTRUCTED = 8  # one batch in so many is what the autoencoder makes of it,
LATENT_NOISE = 0.25  # from latents with up to this much noise: the edges wobble as those of generated pictures do


def pool_scenes(count):
    """(count, 11): what training sees, in order; another count gives other scenes. None has a held-out triple."""
    return sample(count, torch.Generator().manual_seed(61))


def pool_captions(executor, scenes, folder, chunk):
    parts = RIGHT, WRONG_PARTS, BRIEF
    return caption_chunks(executor, scenes, folder / "clip", CLIP_TOKENS, *parts, CAPTION_SEED, chunk)


class Pool:
    """`chunks` times `chunk` scenes at a time, of all those in `scenes`; `captions` yields each chunk's. Tensors, for N
    scenes: pictures (N, 3, side, side) uint8, targets (N, 10) of `attributes`, objects (N, 2, 4) as in a scene's row,
    grid (N, patches, patches) of `object_grid`, and the captions' ids, lengths and full, the true ones first."""

    def __init__(self, scenes, captions, chunks, chunk, vae, device):
        self.scenes, self.captions, self.vae, self.device = scenes, captions, vae, device
        self.render = torch.compile(render, dynamic=False) if device == "cuda" else render
        self.chunks, self.chunk, self.drawn, size = chunks, chunk, 0, chunks * chunk
        shape = size, 3, CLIP_SIZE, CLIP_SIZE
        self.pictures = torch.empty(shape, dtype=torch.uint8, device=device)
        self.targets = torch.empty(size, 10, dtype=torch.long, device=device)
        self.objects = torch.empty(size, 2, 4, dtype=torch.long, device=device)
        side = CLIP_SIZE // CLIP_PATCH
        self.grid = torch.empty(size, side, side, dtype=torch.uint8, device=device)
        each = size, RIGHT + len(WRONG_PARTS)
        self.ids = torch.empty(*each, CLIP_TOKENS, dtype=torch.int16, device=device)
        self.lengths = torch.empty(each, dtype=torch.uint8, device=device)
        self.full = torch.empty(each, dtype=torch.bool, device=device)
        for _ in range(chunks):
            self.renew()

    @torch.no_grad()
    def renew(self):
        """Draws the next chunk in the place of the oldest."""
        first = self.drawn * self.chunk
        scenes, captions = self.scenes[first : first + self.chunk], next(self.captions)
        place = self.drawn % self.chunks * self.chunk
        rows = slice(place, place + self.chunk)
        self.targets[rows] = attributes(scenes).to(self.device)
        self.objects[rows] = scenes[:, FIRST:].view(-1, 2, 4).to(self.device)
        self.ids[rows], self.lengths[rows], self.full[rows] = (
            captions[name].to(self.device) for name in ("ids", "lengths", "full")
        )
        for batch, i in enumerate(range(0, self.chunk, BATCH)):
            part, seed = scenes[i : i + BATCH], 9000000 + first + i
            pictures = render_scenes(part, seed, self.device, self.render)
            if batch % RECONSTRUCTED == 0:
                pictures = self.reconstruct(pictures)
            small = functional.interpolate(pictures, CLIP_SIZE, mode="bicubic", antialias=True)
            rows = slice(place + i, place + i + len(part))
            self.pictures[rows] = (small.clamp(0, 1) * 255).round().byte()
            self.grid[rows] = object_grid(part, seed, self.device, self.grid.shape[1])
        self.drawn += 1

    def reconstruct(self, pictures):
        with torch.autocast(self.device, dtype=torch.bfloat16):
            latents = self.vae.encode((pictures * 2 - 1).contiguous(memory_format=torch.channels_last))[0]
            strength = LATENT_NOISE * torch.rand(len(latents), 1, 1, 1, device=self.device)
            noisy = latents + strength * torch.randn_like(latents)
            return self.vae.decode(noisy)[0].float().div(2).add(0.5).clamp(0, 1)
