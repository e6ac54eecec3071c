"""What a scene may be: its words, which combinations are legible, and which are never trained on.

A scene is a row of eleven integers. Everything that a caption does not name is drawn in `placement`.
"""

import random
from typing import NamedTuple

import torch

SIZES = ["small", "large"]
MATERIALS = ["solid", "striped", "dotted", "checkered", "glossy"]
SHAPES = ["circle", "square", "triangle", "star", "heart", "ring", "cross", "moon", "hexagon", "flower"]
COLORS = {
    "red": (0.84, 0.11, 0.12),
    "orange": (0.97, 0.53, 0.08),
    "yellow": (0.97, 0.86, 0.16),
    "green": (0.12, 0.58, 0.20),
    "cyan": (0.10, 0.78, 0.83),
    "blue": (0.12, 0.25, 0.84),
    "purple": (0.50, 0.16, 0.70),
    "pink": (0.97, 0.47, 0.70),
    "brown": (0.44, 0.25, 0.11),
    "white": (0.95, 0.95, 0.95),
    "black": (0.06, 0.06, 0.07),
}
COLOR_NAMES = list(COLORS)
RELATIONS = ["none", "left", "right", "above", "below", "front"]
NONE, LEFT, RIGHT, ABOVE, BELOW, FRONT = range(len(RELATIONS))

SOLID, GRADIENT, LANDSCAPE, NIGHT = range(4)


class Background(NamedTuple):
    kind: int
    words: tuple
    top: tuple  # RGB in [0, 1]
    bottom: tuple
    weight: float = 1.0


BACKGROUNDS = [
    Background(SOLID, ("white",), (0.96, 0.96, 0.95), (0.96, 0.96, 0.95)),
    Background(SOLID, ("gray",), (0.55, 0.55, 0.56), (0.55, 0.55, 0.56)),
    Background(SOLID, ("black",), (0.05, 0.05, 0.06), (0.05, 0.05, 0.06)),
    Background(SOLID, ("beige",), (0.91, 0.84, 0.70), (0.91, 0.84, 0.70)),
    Background(SOLID, ("pale blue",), (0.70, 0.82, 0.95), (0.70, 0.82, 0.95)),
    Background(SOLID, ("pale green",), (0.70, 0.90, 0.70), (0.70, 0.90, 0.70)),
    Background(SOLID, ("lavender",), (0.80, 0.74, 0.94), (0.80, 0.74, 0.94)),
    Background(GRADIENT, ("blue", "white"), (0.30, 0.50, 0.90), (0.95, 0.96, 0.98)),
    Background(GRADIENT, ("pink", "orange"), (0.95, 0.62, 0.78), (0.98, 0.70, 0.40)),
    Background(GRADIENT, ("purple", "blue"), (0.50, 0.30, 0.68), (0.30, 0.48, 0.85)),
    Background(GRADIENT, ("green", "yellow"), (0.35, 0.66, 0.40), (0.96, 0.92, 0.55)),
    Background(LANDSCAPE, ("green meadow", "blue sky"), (0.52, 0.75, 0.96), (0.36, 0.62, 0.25), 1.3),
    Background(LANDSCAPE, ("sandy desert", "orange sky"), (0.98, 0.66, 0.36), (0.84, 0.70, 0.44), 1.3),
    Background(LANDSCAPE, ("snowy field", "gray sky"), (0.60, 0.64, 0.68), (0.92, 0.94, 0.97), 1.3),
    Background(LANDSCAPE, ("blue sea", "pink sky"), (0.97, 0.74, 0.80), (0.15, 0.40, 0.66), 1.3),
    Background(NIGHT, ("starry night sky",), (0.03, 0.04, 0.12), (0.10, 0.10, 0.28), 2.0),
]

# Columns of a scene. An object is four columns from FIRST or SECOND on; one object alone has relation 0, and zeros as
# the second.
COUNT, RELATION, BACKGROUND, FIRST, SECOND = 0, 1, 2, 3, 7
SIZE, COLOR, MATERIAL, SHAPE = range(4)
COLUMNS = 11
# How many values each column has, where it may take any.
VALUES = {BACKGROUND: len(BACKGROUNDS)} | {
    start + part: count
    for start in (FIRST, SECOND)
    for part, count in enumerate((len(SIZES), len(COLORS), len(MATERIALS), len(SHAPES)))
}

COLOR_RGB = torch.tensor([COLORS[name] for name in COLOR_NAMES])
BACKGROUND_KIND = torch.tensor([background.kind for background in BACKGROUNDS])
BACKGROUND_TOP = torch.tensor([background.top for background in BACKGROUNDS])
BACKGROUND_BOTTOM = torch.tensor([background.bottom for background in BACKGROUNDS])
BACKGROUND_WEIGHT = torch.tensor([background.weight for background in BACKGROUNDS])


def _held_out():
    """One (colour, material, shape) triple in ten: 55 of 550."""
    count = len(COLORS) * len(MATERIALS) * len(SHAPES)
    order = list(range(count))
    random.Random(20240611).shuffle(order)
    mask = torch.zeros(count, dtype=torch.bool)
    mask[order[: count // 10]] = True
    return mask


def _contrast(least=0.27):
    """(backgrounds, colours): whether the colour stands out at the top, in the middle and at the bottom."""
    points = torch.stack([BACKGROUND_TOP, BACKGROUND_BOTTOM, (BACKGROUND_TOP + BACKGROUND_BOTTOM) / 2], dim=1)
    return ((points[:, None] - COLOR_RGB[None, :, None]).norm(dim=-1) > least).all(dim=-1)


HELD_OUT = _held_out()
CONTRAST = _contrast()


def triple(columns, start):
    """Index of an object's (colour, material, shape) in HELD_OUT; `columns` is one scene, or the transpose of many."""
    color, material, shape = (columns[start + part] for part in (COLOR, MATERIAL, SHAPE))
    return (color * len(MATERIALS) + material) * len(SHAPES) + shape


def names_held_out(scene):
    """Whether a scene, a list of integers, has an object that is never trained on."""
    starts = (FIRST, SECOND) if scene[COUNT] == 2 else (FIRST,)
    return any(bool(HELD_OUT[triple(scene, start)]) for start in starts)


def sample(count, generator, held_out=False):
    """(count, 11) int64. No object is a held-out triple, or with `held_out` at least one of each scene is."""
    kept, have = [], 0
    while have < count:
        n = int((count - have) * 2.2) + 64
        scenes = torch.zeros(n, COLUMNS, dtype=torch.long)
        scenes[:, COUNT] = 1 + (torch.rand(n, generator=generator) < 0.6).long()
        scenes[:, RELATION] = 1 + torch.randint(0, len(RELATIONS) - 1, (n,), generator=generator)
        scenes[:, BACKGROUND] = torch.multinomial(BACKGROUND_WEIGHT, n, replacement=True, generator=generator)
        for start in (FIRST, SECOND):
            for part in (SIZE, COLOR, MATERIAL, SHAPE):
                scenes[:, start + part] = torch.randint(0, VALUES[start + part], (n,), generator=generator)
        alone = scenes[:, COUNT] == 1
        scenes[alone, RELATION] = NONE
        scenes[alone, SECOND:] = 0
        first, second = scenes[:, FIRST + COLOR], scenes[:, SECOND + COLOR]
        legible = CONTRAST[scenes[:, BACKGROUND], first] & (alone | CONTRAST[scenes[:, BACKGROUND], second])
        legible &= alone | (first != second)
        unseen = HELD_OUT[triple(scenes.T, FIRST)] | (HELD_OUT[triple(scenes.T, SECOND)] & ~alone)
        scenes = scenes[legible & (unseen if held_out else ~unseen)]
        kept.append(scenes)
        have += len(scenes)
    return torch.cat(kept)[:count]
