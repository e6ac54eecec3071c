"""Captions: several wordings of one scene, and its plainest one."""

import random

from scenes.grammar import (
    BACKGROUND,
    BACKGROUNDS,
    COLOR,
    COLOR_NAMES,
    COUNT,
    FIRST,
    GRADIENT,
    LANDSCAPE,
    MATERIAL,
    RELATION,
    SECOND,
    SHAPE,
    SHAPES,
    SIZE,
    SOLID,
)

# The first wording of each value is the canonical one.
SIZE_WORDS = [["small", "little"], ["large", "big"]]
MATERIAL_BEFORE = [
    ["solid", "plain"],
    ["striped"],
    ["dotted", "spotted"],
    ["checkered", "checked"],
    ["glossy", "shiny"],
]
MATERIAL_AFTER = [
    ["with a plain surface"],
    ["with stripes"],
    ["with dots"],
    ["with a checkered pattern"],
    ["with a glossy finish"],
]
RELATION_WORDS = [
    [],
    ["to the left of", "left of", "on the left side of"],
    ["to the right of", "right of", "on the right side of"],
    ["above", "over"],
    ["below", "under"],
    ["in front of"],
    ["behind"],
]
# The same relation told from the second object.
INVERSE = [0, 2, 1, 4, 3, 6, 5]


def with_article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def object_words(scene, start, rng, style):
    color, shape = COLOR_NAMES[scene[start + COLOR]], SHAPES[scene[start + SHAPE]]
    if style == "brief":
        return with_article(f"{color} {shape}")
    canonical = style == "canonical"
    pick = (lambda wordings: wordings[0]) if canonical else rng.choice
    size = pick(SIZE_WORDS[scene[start + SIZE]])
    if canonical or rng.random() < 0.75:
        return with_article(f"{size} {pick(MATERIAL_BEFORE[scene[start + MATERIAL]])} {color} {shape}")
    return with_article(f"{size} {color} {shape} {pick(MATERIAL_AFTER[scene[start + MATERIAL]])}")


def background_words(index, rng, canonical=False):
    kind, words = BACKGROUNDS[index].kind, BACKGROUNDS[index].words
    first = with_article(words[0])
    if kind == SOLID:
        wordings = [f"on {first} background", f"against {first} backdrop"]
    elif kind == GRADIENT:
        wordings = [
            f"on {first} to {words[1]} gradient background",
            f"against {first} to {words[1]} gradient",
        ]
    elif kind == LANDSCAPE:
        second = with_article(words[1])
        wordings = [f"over {first} under {second}", f"with {first} and {second} behind"]
    else:
        wordings = ["in a starry night sky", "against a starry night sky"]
    return wordings[0] if canonical else rng.choice(wordings)


def brief_caption(scene, rng):
    first = object_words(scene, FIRST, rng, "brief")
    if scene[COUNT] == 1:
        if rng.random() < 0.6:
            return f"{first} {background_words(scene[BACKGROUND], rng)}"
        return f"a picture of {first}"
    second = object_words(scene, SECOND, rng, "brief")
    kind = rng.random()
    if kind < 0.5:
        return f"{first} {rng.choice(RELATION_WORDS[scene[RELATION]])} {second}"
    if kind < 0.75:
        return f"{first} and {second} {background_words(scene[BACKGROUND], rng)}"
    return f"{second} {rng.choice(RELATION_WORDS[INVERSE[scene[RELATION]]])} {first}"


def caption(scene, rng=random, style=None):
    """`style` is canonical (one wording, no chance in it), full, brief, or None: full in four of five."""
    scene = [int(value) for value in scene]
    if style is None:
        style = "brief" if rng.random() < 0.2 else "full"
    if style == "brief":
        return brief_caption(scene, rng)
    canonical = style == "canonical"
    words = object_words(scene, FIRST, rng, style)
    background = background_words(scene[BACKGROUND], rng, canonical)
    if scene[COUNT] == 2:
        second = object_words(scene, SECOND, rng, style)
        relations = RELATION_WORDS[scene[RELATION]]
        if canonical:
            words = f"{words} {relations[0]} {second}"
        elif rng.random() < 0.65:
            words = f"{words} {rng.choice(relations)} {second}"
        else:
            words = f"{second} {rng.choice(RELATION_WORDS[INVERSE[scene[RELATION]]])} {words}"
    kind = 0 if canonical else rng.random()
    if kind < 0.5:
        return f"{words} {background}"
    if kind < 0.7:
        return f"{rng.choice(['a picture of', 'an image of', 'a drawing of'])} {words} {background}"
    if kind < 0.9:
        return f"{background}, {words}"
    return f"{words}, {background}"
