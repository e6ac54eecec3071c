"""What a caption does not say: where things are, how they are turned and lit, and the noise of the picture."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from scenes.grammar import (
    ABOVE,
    BACKGROUND,
    BACKGROUND_BOTTOM,
    BACKGROUND_KIND,
    BACKGROUND_TOP,
    BELOW,
    COLOR,
    COLOR_RGB,
    COUNT,
    FIRST,
    FRONT,
    LEFT,
    MATERIAL,
    RELATION,
    RIGHT,
    SECOND,
    SHAPE,
    SIZE,
)

FRAME = 512  # pixels; every length below is in this frame


class Placement(NamedTuple):
    """Tensors of B scenes; an axis of 2 is the two objects, the first in front."""

    kind: Tensor  # (B) of the background
    top: Tensor  # (B, 3)
    bottom: Tensor  # (B, 3)
    horizon: Tensor  # (B)
    two: Tensor  # (B) whether the second object is there
    center: Tensor  # (B, 2, xy)
    radius: Tensor  # (B, 2)
    rotation: Tensor  # (B, 2)
    shape: Tensor  # (B, 2)
    material: Tensor  # (B, 2)
    color: Tensor  # (B, 2, 3)
    second_color: Tensor  # (B, 2, 3) of a pattern
    pattern_angle: Tensor  # (B, 2)
    pattern_period: Tensor  # (B, 2) in radii
    pattern_phase: Tensor  # (B, 2, 2)
    light: Tensor  # (B, xy)
    vignette: Tensor  # (B)
    wave_frequency: Tensor  # (B, 3, xy)
    wave_phase: Tensor  # (B, 3)
    wave_amplitude: Tensor  # (B, 3)
    stars: Tensor  # (B, 64 cells, 4)
    ground_phase: Tensor  # (B, 2)


def draw_placement(scenes, generator, device):
    """`scenes` (B, 11) and `generator` are on `device`. The order of the draws is part of a scene's seed."""
    count = scenes.shape[0]

    def uniform(*shape):
        return torch.rand(count, *shape, generator=generator, device=device)

    def normal(*shape):
        return torch.randn(count, *shape, generator=generator, device=device)

    background = scenes[:, BACKGROUND]
    two = scenes[:, COUNT] == 2
    relation = scenes[:, RELATION]
    radius = _radius(scenes[:, [FIRST + SIZE, SECOND + SIZE]].float(), two, uniform)
    center = _center(relation, two, radius, uniform)
    rgb = COLOR_RGB.to(device)[scenes[:, [FIRST + COLOR, SECOND + COLOR]]]
    color = (rgb + 0.02 * normal(2, 3)).clamp(0.02, 0.98)
    luminance = (color * torch.tensor([0.3, 0.59, 0.11], device=device)).sum(-1, keepdim=True)
    rotation = (uniform(2) - 0.5) * 0.42
    angles = torch.tensor([0.0, math.pi / 2, math.pi / 4, -math.pi / 4], device=device)
    pattern_angle = angles[(uniform(2) * 4).long().clamp(max=3)]
    pattern_period = 0.50 + 0.10 * uniform(2) + 0.22 * (1 - (radius / 100).clamp(max=1))
    return Placement(
        kind=BACKGROUND_KIND.to(device)[background],
        top=(BACKGROUND_TOP.to(device)[background] + 0.015 * normal(3)).clamp(0, 1),
        bottom=(BACKGROUND_BOTTOM.to(device)[background] + 0.015 * normal(3)).clamp(0, 1),
        horizon=300 + 40 * uniform(),
        two=two,
        center=center,
        radius=radius,
        rotation=rotation,
        shape=scenes[:, [FIRST + SHAPE, SECOND + SHAPE]],
        material=scenes[:, [FIRST + MATERIAL, SECOND + MATERIAL]],
        color=color,
        second_color=torch.where(luminance > 0.45, color * 0.42, color * 0.32 + 0.68 * 0.97),
        pattern_angle=pattern_angle,
        pattern_period=pattern_period,
        pattern_phase=uniform(2, 2),
        light=0.04 * normal(2).clamp(-2, 2),
        vignette=0.05 + 0.12 * uniform(),
        wave_frequency=torch.randint(1, 5, (count, 3, 2), generator=generator, device=device).float()
        * torch.where(uniform(3, 2) < 0.5, -1.0, 1.0),
        wave_phase=uniform(3) * 2 * math.pi,
        wave_amplitude=0.010 * uniform(3),
        stars=uniform(64, 4),
        ground_phase=uniform(2) * 6.28,
    )


def _radius(size, two, uniform):
    """(B, 2): an object alone is larger than one of two."""
    alone = torch.where(size[:, 0] > 0.5, 135 + 25 * uniform(), 58 + 12 * uniform())
    radius = torch.where(size > 0.5, 92 + 14 * uniform(2), 46 + 9 * uniform(2))
    radius[:, 0] = torch.where(two, radius[:, 0], alone)
    return radius


def _center(relation, two, radius, uniform):
    """(B, 2, xy): apart along the relation's axis, or overlapping with the front one lower."""
    jitter = uniform(2, 2) - 0.5
    center = FRAME / 2 + jitter * 70
    center[:, 0] = torch.where(two[:, None], center[:, 0], FRAME / 2 + jitter[:, 0] * 120)
    apart = 122 + 14 * uniform()
    along_x = torch.where(relation == LEFT, -1.0, torch.where(relation == RIGHT, 1.0, 0.0))
    along_y = torch.where(relation == ABOVE, -1.0, torch.where(relation == BELOW, 1.0, 0.0))
    for axis, sign in ((0, along_x), (1, along_y)):
        center[:, 0, axis] += sign * apart - sign.abs() * jitter[:, 0, axis] * 40
        center[:, 1, axis] -= sign * apart + sign.abs() * jitter[:, 1, axis] * 40
    distance = 0.62 * (radius[:, 0] + radius[:, 1])
    angle = math.pi * (0.18 + 0.64 * uniform())
    half = torch.stack([torch.cos(angle) * distance / 2, torch.sin(angle) * distance / 2], 1)
    middle = FRAME / 2 + (uniform(2) - 0.5) * 70
    front = (relation == FRONT)[:, None]
    center[:, 0] = torch.where(front, middle + half, center[:, 0])
    center[:, 1] = torch.where(front, middle - half, center[:, 1])
    return center
