"""Writes calibration.txt and heldout.txt, or with --check holds the files to what they claim.

    python calibration/prompts/generate.py
    python calibration/prompts/generate.py --check

A calibration prompt names only (colour, material, shape) triples that the reference model was trained on; a held-out
prompt names at least one that it was never trained on. So no prompt is in both files, and what is measured on held-out
prompts was not calibrated on. The check reads the triples back out of the text.
"""

import argparse
import random
import re
import sys
from pathlib import Path

import torch

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "training"))

from scenes.captions import MATERIAL_AFTER, MATERIAL_BEFORE, SIZE_WORDS, caption  # noqa: E402
from scenes.grammar import COLOR_NAMES, HELD_OUT, MATERIALS, SHAPES, sample  # noqa: E402

# File, how many, seed, whether held out, wording, and what the file says about itself.
CALIBRATION = (
    "calibration.txt",
    256,
    7001,
    False,
    "full",
    "Prompts to calibrate on: every triple of colour, material and shape was trained on.",
)
HELD_OUT_PROMPTS = (
    "heldout.txt",
    64,
    7002,
    True,
    "canonical",
    "Prompts to measure on: each names a triple of colour, material and shape that was never trained on.",
)


def prompts(count, seed, held_out, style):
    """`count` different captions."""
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    found = {}
    for scene in sample(4 * count, generator, held_out).tolist():
        found.setdefault(caption(scene, rng, style))
        if len(found) == count:
            return list(found)
    raise ValueError("too many scenes share a caption")


def file_text(name, count, seed, held_out, style, about):
    lines = [f"# {about}", "# Written by generate.py; one prompt a line."]
    return "\n".join(lines + prompts(count, seed, held_out, style)) + "\n"


def one_of(words):
    return "(" + "|".join(map(re.escape, words)) + ")"


BEFORE = {word: index for index, words in enumerate(MATERIAL_BEFORE) for word in words}
AFTER = {word: index for index, words in enumerate(MATERIAL_AFTER) for word in words}
OBJECT = re.compile(
    rf"{one_of(sum(SIZE_WORDS, []))} (?:{one_of(BEFORE)} )?{one_of(COLOR_NAMES)} {one_of(SHAPES)}\b"
    rf"(?: {one_of(AFTER)})?"
)


def triples(prompt):
    """Indices in HELD_OUT of the objects that the text names."""
    found = []
    for _size, before, color, shape, after in OBJECT.findall(prompt):
        material = BEFORE[before] if before else AFTER[after]
        found.append(
            (COLOR_NAMES.index(color) * len(MATERIALS) + material) * len(SHAPES) + SHAPES.index(shape)
        )
    return found


def read(name):
    lines = (FOLDER / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def require(holds, message):
    if not holds:
        raise ValueError(message)


def check():
    """Raises ValueError with a sentence where a file does not hold what it claims."""
    calibration, held_out = read(CALIBRATION[0]), read(HELD_OUT_PROMPTS[0])
    require(
        len(set(calibration)) == CALIBRATION[1], "calibration.txt has another number of different prompts"
    )
    require(len(set(held_out)) == HELD_OUT_PROMPTS[1], "heldout.txt has another number of different prompts")
    require(not set(calibration) & set(held_out), "a prompt is in both files")
    for prompt in calibration + held_out:
        require(1 <= len(triples(prompt)) <= 2, f"no objects read out of: {prompt}")
    for prompt in calibration:
        require(
            not any(HELD_OUT[index] for index in triples(prompt)),
            f"a held-out triple is calibrated on: {prompt}",
        )
    for prompt in held_out:
        require(any(HELD_OUT[index] for index in triples(prompt)), f"every triple was trained on: {prompt}")
    for arguments in (CALIBRATION, HELD_OUT_PROMPTS):
        same = (FOLDER / arguments[0]).read_text() == file_text(*arguments)
        require(same, f"{arguments[0]} differs from what this script writes")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not options.check:
        for arguments in (CALIBRATION, HELD_OUT_PROMPTS):
            (FOLDER / arguments[0]).write_text(file_text(*arguments))
    try:
        check()
    except ValueError as error:
        sys.exit(f"prompts: {error}")
    print(f"{CALIBRATION[1]} calibration and {HELD_OUT_PROMPTS[1]} held-out prompts, disjoint")


if __name__ == "__main__":
    main()
