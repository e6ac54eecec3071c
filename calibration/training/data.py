"""Captions as token ids, canonical attributes, captions with one thing wrong."""

import os
import random
from concurrent.futures import ProcessPoolExecutor

import numpy
import torch
from scenes.captions import caption
from scenes.grammar import (
    ABOVE,
    BACKGROUND,
    BACKGROUNDS,
    BELOW,
    COLOR,
    COLORS,
    COLUMNS,
    COUNT,
    FIRST,
    LEFT,
    MATERIAL,
    MATERIALS,
    RELATION,
    RELATIONS,
    RIGHT,
    SECOND,
    SHAPE,
    SHAPES,
    SIZES,
    VALUES,
    names_held_out,
)

CHUNK = 2000  # scenes per job, if nothing else is said; each chunk has a seed of its own
# What the hard negatives of one scene are wrong in: None is anything. Shape and material are what CLIP learns last.
WRONG_PARTS = (SHAPE, SHAPE, MATERIAL, None, None, None)
# Values of each attribute: relation (none, left-right, above-below, front), background, then the two objects'.
OBJECT_VALUES = [len(SIZES), len(COLORS), len(MATERIALS), len(SHAPES)]
ATTRIBUTE_VALUES = [4, len(BACKGROUNDS), *OBJECT_VALUES, *OBJECT_VALUES]
ABSENT = -100


def attributes(scenes):
    """(N, 10) targets that do not depend on which object a caption names first: object 1 is the left, upper or front
    one. ABSENT where there is no second object."""
    swapped = (scenes[:, RELATION] == RIGHT) | (scenes[:, RELATION] == BELOW)
    first, second = scenes[:, FIRST:SECOND], scenes[:, SECOND:COLUMNS]
    front = torch.where(swapped[:, None], second, first)
    back = torch.where(swapped[:, None], first, second)
    relation = torch.tensor([0, 1, 1, 2, 2, 3])[scenes[:, RELATION]]
    targets = torch.cat([relation[:, None], scenes[:, BACKGROUND : BACKGROUND + 1], front, back], 1)
    targets[scenes[:, COUNT] == 1, 6:] = ABSENT
    return targets


def attribute_loss(logits, targets, use):
    """Mean cross-entropy over the attributes of the rows in `use`; logits (N, sum of ATTRIBUTE_VALUES)."""
    parts = logits.float().split(ATTRIBUTE_VALUES, 1)
    total = 0
    for index, part in enumerate(parts):
        target = torch.where(use, targets[:, index], ABSENT)
        summed = torch.nn.functional.cross_entropy(part, target, ignore_index=ABSENT, reduction="sum")
        total = total + summed / (target != ABSENT).sum().clamp(min=1)
    return total / len(parts)


def hard_negative(scene, rng, seen_only=False, part=None):
    """One attribute changed, or two objects' colours or shapes exchanged; with `part` that one of an object's. In
    training `seen_only`: a held-out triple that occurred as a negative alone would bias CLIP against it."""
    while True:
        if part is None:
            changed = _changed(list(scene), rng)
        else:
            starts = (FIRST, SECOND) if scene[COUNT] == 2 else (FIRST,)
            changed = _other_value(list(scene), rng.choice(starts) + part, rng)
        if not (seen_only and names_held_out(changed)):
            return changed


def _changed(scene, rng):
    two = scene[COUNT] == 2
    kind = rng.random()
    for least, part in ((0.12, COLOR), (0.24, SHAPE)):
        first, second = FIRST + part, SECOND + part
        if two and kind < least and scene[first] != scene[second]:
            scene[first], scene[second] = scene[second], scene[first]
            return scene
    columns = [BACKGROUND, *range(FIRST, SECOND)]
    if two:
        columns += [RELATION, RELATION, *range(SECOND, COLUMNS)]
    column = rng.choice(columns)
    if column == RELATION:
        others = [value for value in range(1, len(RELATIONS)) if value != scene[column]]
        opposite = {LEFT: RIGHT, RIGHT: LEFT, ABOVE: BELOW, BELOW: ABOVE}.get(scene[column], LEFT)
        scene[column] = rng.choice(others) if rng.random() < 0.5 else opposite
        return scene
    return _other_value(scene, column, rng)


def _other_value(scene, column, rng):
    scene[column] = rng.choice([value for value in range(VALUES[column]) if value != scene[column]])
    return scene


_tokenizers = {}


def _tokenizer(folder):
    """Loaded once per worker process."""
    if folder not in _tokenizers:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        from transformers import AutoTokenizer

        _tokenizers[folder] = AutoTokenizer.from_pretrained(folder)
    return _tokenizers[folder]


def chunk_words(scenes, seed, right, wrong_parts, brief):
    """One chunk of scenes to captions, and whether each is a full one."""
    rng = random.Random(seed)
    words, full = [], []
    for scene in scenes:
        for _ in range(right):
            full.append(rng.random() >= brief)
            words.append(caption(scene, rng, "full" if full[-1] else "brief"))
        for part in wrong_parts:
            full.append(True)
            words.append(caption(hard_negative(scene, rng, seen_only=True, part=part), rng, "full"))
    return words, full


def _encode(job):
    """One chunk of scenes to token ids, their lengths and whether each caption is a full one."""
    folder, tokens, *of_chunk = job
    words, full = chunk_words(*of_chunk)
    tokenizer = _tokenizer(folder)
    encoded = tokenizer(words).input_ids
    ids = numpy.full((len(words), tokens), tokenizer.pad_token_id, dtype=numpy.int16)
    for row, values in zip(ids, encoded):
        row[: len(values)] = values
    lengths = numpy.array([len(values) for values in encoded], dtype=numpy.uint8)
    return ids, lengths, numpy.array(full)


def seeded_chunks(scenes, seed, chunk):
    """Pairs of `chunk` scenes, as lists, and the seed of their captions."""
    rows = scenes.tolist()
    return [(rows[i : i + chunk], seed * 100003 + i) for i in range(0, len(rows), chunk)]


def caption_chunks(executor, scenes, folder, tokens, right, wrong_parts, brief, seed, chunk=CHUNK):
    """Captions of `chunk` scenes after `chunk` scenes, made ahead by the executor's processes. Of each scene `right`
    true ones and then a hard negative for each of `wrong_parts`:
    ids (chunk, captions, tokens) int16, lengths (chunk, captions) uint8, full (chunk, captions) bool."""
    captions = right + len(wrong_parts)
    jobs = [
        (str(folder), tokens, rows, chunk_seed, right, wrong_parts, brief)
        for rows, chunk_seed in seeded_chunks(scenes, seed, chunk)
    ]
    for ids, lengths, full in executor.map(_encode, jobs):
        yield {
            "ids": torch.from_numpy(ids).view(-1, captions, tokens),
            "lengths": torch.from_numpy(lengths).view(-1, captions),
            "full": torch.from_numpy(full).view(-1, captions),
        }


def caption_pool(scenes, folder, tokens, right, brief, seed, workers):
    """`right` true captions of every scene, in the tensors of `caption_chunks`."""
    with ProcessPoolExecutor(workers) as executor:
        chunks = list(caption_chunks(executor, scenes, folder, tokens, right, (), brief, seed))
    return {name: torch.cat([chunk[name] for chunk in chunks]) for name in chunks[0]}


def mask_of(lengths, tokens):
    """(B, tokens) int64: 1 where a token is."""
    return (torch.arange(tokens, device=lengths.device)[None] < lengths[:, None]).long()
