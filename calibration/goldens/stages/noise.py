"""Normal numbers of torch's CPU generator: what the first latents of a seed are."""

import torch
from safetensors.torch import save_file

# Fewer than 16 elements take torch's scalar path; a size that is no multiple of 16 draws its last 16 again.
CASES = {
    "seed0-16x16": (0, [(1, 32, 16, 16)]),
    "seed1-16x16": (1, [(1, 32, 16, 16)]),
    "seed42-16x16": (42, [(1, 32, 16, 16)]),
    "seed2^32-1-4x6": (2**32 - 1, [(1, 32, 4, 6)]),
    "seed2^32+7-4x6": (2**32 + 7, [(1, 32, 4, 6)]),
    "seed2^63+5-4x6": (2**63 + 5, [(1, 32, 4, 6)]),
    "seed2^64-1-4x6": (2**64 - 1, [(1, 32, 4, 6)]),
    "seed3-16-elements": (3, [(1, 4, 2, 2)]),
    "seed3-odd-3x5": (3, [(1, 32, 3, 5)]),
    "seed5-17-elements": (5, [(1, 1, 1, 17)]),
    "seed5-105-elements": (5, [(1, 3, 5, 7)]),
    "seed7-15-elements": (7, [(1, 1, 3, 5)]),
    "seed7-12-elements": (7, [(1, 3, 2, 2)]),
    "seed7-1-element": (7, [(1, 1, 1, 1)]),
    "seed9-three-draws": (9, [(1, 32, 3, 5), (1, 3, 5, 7), (1, 32, 3, 5)]),
    "seed9-small-draws": (9, [(1, 1, 1, 3), (1, 1, 1, 4), (1, 1, 1, 20), (1, 1, 1, 5)]),
}


def write(folder, manifest):
    tensors, cases = {}, {}
    for name, (seed, shapes) in CASES.items():
        generator = torch.Generator().manual_seed(seed)
        cases[name] = {"seed": str(seed), "draws": len(shapes)}
        for draw, shape in enumerate(shapes):
            tensors[f"{name}.{draw}"] = torch.randn(shape, generator=generator)
    save_file(tensors, folder / "noise.safetensors")
    manifest.add(
        "noise.safetensors",
        "noise",
        "CASE.DRAW: the draws, in order, of one torch.Generator('cpu') with that seed (a decimal string).",
        cases=cases,
    )
