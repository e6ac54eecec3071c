"""Placed scenes to pictures. Plain elementwise torch, so that torch.compile makes one kernel of it."""

import math

import torch

from scenes.grammar import LANDSCAPE, MATERIALS, NIGHT
from scenes.placement import FRAME, draw_placement
from scenes.shapes import distance

STRIPED, DOTTED, CHECKERED, GLOSSY = (MATERIALS.index(name) for name in MATERIALS[1:])
EDGE = 1.6  # width of an antialiased edge in pixels


def _smooth(x):
    x = x.clamp(0, 1)
    return x * x * (3 - 2 * x)


def _map(values):
    """(B) to (B, 1, 1), to go with pictures."""
    return values[:, None, None]


def _stars(place, y, x):
    """Brightness of the night sky's stars: one jittered star in some of the 64-pixel cells."""
    cell = ((y / 64).floor().clamp(0, 7) * 8 + (x / 64).floor().clamp(0, 7)).long()
    flat = cell.reshape(cell.shape[0], -1)

    def of_cell(value):
        return torch.gather(place.stars[:, :, value], 1, flat).reshape(cell.shape)

    dx = x - ((x / 64).floor() * 64 + 12 + 40 * of_cell(0))
    dy = y - ((y / 64).floor() * 64 + 12 + 40 * of_cell(1))
    width = 1.8 + 1.6 * of_cell(2)
    glow = torch.exp(-(dx * dx + dy * dy) / (2 * width * width))
    shown = torch.where(of_cell(3) < 0.42, glow, torch.zeros_like(x))
    return shown * torch.where(_map(place.kind) == NIGHT, 1.0, 0.0)


def _background(place, y, x):
    """Three channels, each (B, H, W)."""
    waves = 0
    for i in range(3):
        frequency = place.wave_frequency[:, i]
        angle = (_map(frequency[:, 0]) * x + _map(frequency[:, 1]) * y) * (2 * math.pi / FRAME)
        waves = waves + _map(place.wave_amplitude[:, i]) * torch.sin(angle + _map(place.wave_phase[:, i]))
    horizon, phase = _map(place.horizon), place.ground_phase
    wiggle = 5 * torch.sin(x * 0.013 + _map(phase[:, 0])) + 2.5 * torch.sin(x * 0.031 + _map(phase[:, 1]))
    height = (y / horizon).clamp(0, 1)
    ground = _smooth((y - horizon - wiggle + 1.5) / 3.0)
    depth = ((y - horizon) / (FRAME - horizon)).clamp(0, 1)
    stars = _stars(place, y, x)
    channels = []
    for channel in range(3):
        top, bottom = _map(place.top[:, channel]), _map(place.bottom[:, channel])
        linear = top + (bottom - top) * (y / FRAME)
        sky = top + (1 - top) * 0.35 * height * height
        land = sky + (bottom * (0.82 + 0.22 * depth) - sky) * ground
        value = torch.where(_map(place.kind) == LANDSCAPE, land, linear)
        channels.append(value + waves + stars * (0.95 - value))
    return channels


def _pattern(place, index, px, py):
    """Share of the second colour."""
    material = _map(place.material[:, index])
    angle, period = _map(place.pattern_angle[:, index]), _map(place.pattern_period[:, index])
    phase = place.pattern_phase[:, index]
    u = (torch.cos(angle) * px + torch.sin(angle) * py) / period + _map(phase[:, 0])
    v = (-torch.sin(angle) * px + torch.cos(angle) * py) / period + _map(phase[:, 1])
    pixels = period * _map(place.radius[:, index])  # of one period

    def triangle_wave(z):
        return ((z - torch.floor(z)) - 0.5).abs()

    stripe_u = ((triangle_wave(u) - 0.25) * pixels / EDGE).clamp(-0.5, 0.5)
    stripe_v = ((triangle_wave(v) - 0.25) * pixels / EDGE).clamp(-0.5, 0.5)
    du, dv = u - torch.floor(u) - 0.5, v - torch.floor(v) - 0.5
    dots = ((0.29 - torch.sqrt(du * du + dv * dv + 1e-9)) * pixels / EDGE + 0.5).clamp(0, 1)
    checkers = 0.5 - 2 * stripe_u * stripe_v
    share = torch.where(material == CHECKERED, checkers, torch.zeros_like(px))
    return torch.where(material == STRIPED, stripe_u + 0.5, torch.where(material == DOTTED, dots, share))


def _shading(place, index, ox, oy, inside):
    """Light from the upper left and a darkened rim; glossy ones have a strong ramp and a highlight."""
    glossy = _map(place.material[:, index]) == GLOSSY
    lit = -0.6 * ox + 0.8 * oy
    rim = 1 - 0.16 * _smooth(1 + inside / 0.10)
    shade = torch.where(glossy, 0.86 + 0.42 * lit, 1 + 0.09 * lit) * rim
    u = (ox + 0.34) * 0.8 + (oy - 0.40) * 0.6
    v = -(ox + 0.34) * 0.6 + (oy - 0.40) * 0.8
    shine = 0.88 * torch.exp(-(u * u / 0.10 + v * v / 0.022)) + 0.30 * _smooth(lit - 0.1)
    return shade, torch.where(glossy, shine, torch.zeros_like(ox))


def _local(place, index, y, x):
    """Coordinates about an object's centre in units of its radius, y up, and its turn's cosine and sine."""
    radius = _map(place.radius[:, index])
    cosine, sine = torch.cos(_map(place.rotation[:, index])), torch.sin(_map(place.rotation[:, index]))
    ox = (x - _map(place.center[:, index, 0])) / radius
    oy = -(y - _map(place.center[:, index, 1])) / radius
    return ox, oy, cosine, sine


def _paint_object(place, index, y, x, channels):
    """Paints one object and its shadow over `channels`."""
    present = _map(place.two) if index == 1 else torch.ones_like(_map(place.two))
    radius = _map(place.radius[:, index])
    ox, oy, cosine, sine = _local(place, index, y, x)
    shape = _map(place.shape[:, index])
    px, py = cosine * ox + sine * oy, -sine * ox + cosine * oy
    inside = distance(px, py, shape)
    shadow_x, shadow_y = ox - 0.08, oy + 0.13
    below = distance(cosine * shadow_x + sine * shadow_y, -sine * shadow_x + cosine * shadow_y, shape)
    shadow = 0.34 * _smooth(0.5 - below / 0.26) * present
    alpha = (0.5 - inside * radius / EDGE).clamp(0, 1) * present
    share = _pattern(place, index, px, py)
    shade, shine = _shading(place, index, ox, oy, inside)
    for channel in range(3):
        first = _map(place.color[:, index, channel])
        second = _map(place.second_color[:, index, channel])
        value = (first + (second - first) * share) * shade
        value = value + (1 - value) * shine
        behind = channels[channel] * (1 - shadow)
        channels[channel] = behind + (value - behind) * alpha


def render(place, ys, xs, grain):
    """(B, 3, H, W) in [0, 1]. `ys` (H) and `xs` (W) are pixel centres in the frame, or (B, H) and (B, W) for crops of
    their own; `grain` (B, 1, H, W) is unit normal noise."""
    if ys.dim() == 1:
        ys, xs = ys[None], xs[None]
    every = _map(torch.zeros_like(place.vignette))
    y = ys[:, :, None] + 0 * xs[:, None, :] + every
    x = xs[:, None, :] + 0 * ys[:, :, None] + every
    channels = _background(place, y, x)
    for index in (1, 0):
        _paint_object(place, index, y, x, channels)
    picture = torch.stack(channels, 1)
    xn, yn = x / FRAME - 0.5, y / FRAME - 0.5
    light = 1 + _map(place.light[:, 0]) * xn * 2 + _map(place.light[:, 1]) * yn * 2
    light = light - _map(place.vignette) * (xn * xn + yn * yn) * 2
    return (picture * light[:, None] + 0.006 * grain).clamp(0, 1)


def render_scenes(scenes, seed, device="cpu", renderer=render):
    """(B, 3, 512, 512): the whole frame of each scene; `renderer` may be a compiled `render`."""
    generator = torch.Generator(device=device).manual_seed(seed)
    place = draw_placement(scenes.to(device), generator, device)
    centers = torch.arange(FRAME, device=device, dtype=torch.float32) + 0.5
    grain = torch.randn(len(scenes), 1, FRAME, FRAME, generator=generator, device=device)
    return renderer(place, centers, centers, grain)


def object_grid(scenes, seed, device, side):
    """(B, side, side) uint8: which object `render_scenes` paints at the centre of each cell of a grid over the frame,
    1 or 2, or 0 where the background shows."""
    place = draw_placement(scenes.to(device), torch.Generator(device=device).manual_seed(seed), device)
    centers = (torch.arange(side, device=device, dtype=torch.float32) + 0.5) * (FRAME / side)
    y, x = centers[None, :, None], centers[None, None, :]
    grid = torch.zeros(len(scenes), side, side, dtype=torch.uint8, device=device)
    for index in (1, 0):
        ox, oy, cosine, sine = _local(place, index, y, x)
        inside = distance(cosine * ox + sine * oy, -sine * ox + cosine * oy, _map(place.shape[:, index])) < 0
        grid[inside & _map(place.two) if index == 1 else inside] = index + 1
    return grid
