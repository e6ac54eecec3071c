"""Signed distances to the ten shapes, in units of the object's radius, y up; negative inside.

Plain elementwise torch, so that torch.compile makes one kernel of the whole renderer.
"""

import math

import torch

SQRT3 = 3**0.5


def _root(value, least=1e-12):
    return torch.sqrt(value + least)


def _box(ax, ay, half_width, half_height):
    dx, dy = ax - half_width, ay - half_height
    outside = _root(dx.clamp(min=0) ** 2 + dy.clamp(min=0) ** 2)
    return outside + torch.maximum(dx, dy).clamp(max=0)


def _triangle(ax, py, radius=0.98):
    x, y = ax - radius, py + radius / SQRT3 - 0.12
    fold = x + SQRT3 * y > 0
    x, y = torch.where(fold, (x - SQRT3 * y) / 2, x), torch.where(fold, (-SQRT3 * x - y) / 2, y)
    x = x - torch.minimum(torch.maximum(x, torch.full_like(x, -2 * radius)), torch.zeros_like(x))
    return -_root(x * x + y * y) * torch.sign(y)


def _star(ax, py, radius=1.12, waist=0.46):
    """Five points: fold the plane twice about the edges' normals, then one edge is left."""
    nx, ny = 0.809016994375, -0.587785252292
    x, y = ax, py
    t = (nx * x + ny * y).clamp(min=0)
    x, y = x - 2 * t * nx, y - 2 * t * ny
    t = (-nx * x + ny * y).clamp(min=0)
    x, y = x + 2 * t * nx, y - 2 * t * ny
    x, y = x.abs(), y - radius
    edge_x, edge_y = waist * -ny, waist * nx - 1
    along = ((x * edge_x + y * edge_y) / (edge_x * edge_x + edge_y * edge_y)).clamp(0, radius)
    dx, dy = x - edge_x * along, y - edge_y * along
    return _root(dx * dx + dy * dy) * torch.sign(y * edge_x - x * edge_y)


def _heart(ax, py, scale=0.60):
    x, y = ax * scale, py * scale + 0.56
    middle = 0.5 * (x + y).clamp(min=0)
    lobe = _root((x - 0.25) ** 2 + (y - 0.75) ** 2) - 0.35355339
    point = _root(torch.minimum(x**2 + (y - 1) ** 2, (x - middle) ** 2 + (y - middle) ** 2)) * torch.sign(
        x - y
    )
    return torch.where(y + x > 1, lobe, point) / scale


def _moon(px, py, length):
    return torch.maximum(length - 0.98, 0.82 - _root((px - 0.46) ** 2 + (py - 0.10) ** 2, 1e-9))


def _hexagon(ax, ay, radius=0.86):
    x, y = ax, ay
    t = (-0.866025404 * x + 0.5 * y).clamp(max=0)
    x, y = x + 2 * t * 0.866025404, y - 2 * t * 0.5
    half = torch.full_like(x, 0.577350269 * radius)
    x = x - torch.minimum(torch.maximum(x, -half), half)
    y = y - radius
    return _root(x * x + y * y) * torch.sign(y)


def _flower(px, py, length):
    sector = 2 * math.pi / 5
    angle = torch.round(torch.atan2(px, py) / sector) * sector
    cosine, sine = torch.cos(angle), torch.sin(angle)
    x, y = cosine * px - sine * py, sine * px + cosine * py
    petal = _root(x * x + (y - 0.60) ** 2, 1e-9) - 0.385
    return torch.minimum(petal, length - 0.42)


def distance(px, py, shape):
    """Of every shape, selected by `shape` (an index of grammar.SHAPES)."""
    length = _root(px * px + py * py, 1e-9)
    ax, ay = px.abs(), py.abs()
    others = [
        _box(ax, ay, 0.83, 0.83),
        _triangle(ax, py),
        _star(ax, py),
        _heart(ax, py),
        (length - 0.70).abs() - 0.26,
        torch.minimum(_box(ax, ay, 0.98, 0.33), _box(ax, ay, 0.33, 0.98)),
        _moon(px, py, length),
        _hexagon(ax, ay),
        _flower(px, py, length),
    ]
    selected = length - 0.95
    for index, other in enumerate(others, start=1):
        selected = torch.where(shape == index, other, selected)
    return selected
