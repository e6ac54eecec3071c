"""Compares sana-quant's pictures with those of diffusers in float32.

    python calibration/goldens/compare.py CHECKPOINT --tool PATH/TO/sana-quant [--steps N] [--guidance X] ...
    python calibration/goldens/compare.py --matrix --tool PATH/TO/sana-quant [CHECKPOINT...]

The first form makes one picture. The second makes every kind of run on the reference model and on every random
checkpoint (or on the checkpoints named) and prints a table. PSNR is of the 8-bit pictures; equal pictures show as
`equal`. Exit code 1: a picture is below --min-psnr, or a run failed. Runs of diffusers and packs are cached in the
temporary folder. Not compared, shown as `-`: sizes that diffusers itself cannot do for a checkpoint.
"""

import argparse
import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import torch
from comparison import reference_run, tool_run
from comparison.case import Case, list_of_runs
from PIL import Image
from reference import REFERENCE_MODEL

RANDOM_CHECKPOINTS = reference_run.CACHE / "random-checkpoints"


def psnr(picture, reference):
    """Of uint8 pictures, in dB; infinite where they are equal."""
    if picture.shape != reference.shape:
        raise tool_run.ToolError(f"the picture has shape {picture.shape}, expected {reference.shape}")
    error = ((picture.astype(float) - reference.astype(float)) ** 2).mean()
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def config(folder, part):
    return json.loads((folder / part / "config.json").read_text())


def is_comparable(folder, case):
    """Whether diffusers can do the case: the size has a table, and its latents are whole patches."""
    transformer = config(folder, "transformer")
    height, width = case.height, case.width
    if case.binning:
        tables = [32] if reference_run.is_few_step(folder) else reference_run.TABLES
        if transformer["sample_size"] not in tables:
            return False
        height, width = reference_run.binned_size(case, transformer["sample_size"])
        if height * width > 2048 * 1024:  # minutes per picture, and nothing new
            return False
    enlarges = 2 ** (len(config(folder, "vae")["decoder_block_out_channels"]) - 1)
    unit = enlarges * transformer["patch_size"]
    return height % unit == 0 and width % unit == 0


def compare(options, folder, case):
    """PSNR of one case."""
    reference = reference_run.cached_run(folder, case)
    latents = None
    if options.latents:
        latents = tool_run.save_latents(case, config(folder, "transformer")["in_channels"])
    picture = tool_run.run(options.tool, folder, case, options.policy, latents, options.tool_option)
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(options.save / "sana-quant.png")
        Image.fromarray(reference).save(options.save / "diffusers.png")
    return psnr(picture, reference)


def shown(value):
    return "equal" if value == math.inf else f"{value:.1f}"


def matrix(options, folders):
    """Prints a row per kind of run and a column per checkpoint as they come; returns whether all held."""
    held, failures = True, []
    kinds = list(list_of_runs(Case(), 0))
    if options.only:
        kinds = [kind for kind in kinds if kind in options.only]
    print(f"| checkpoint | {' | '.join(kinds)} |\n|{' --- |' * (len(kinds) + 1)}", flush=True)
    for folder in folders:
        steps = 2 if reference_run.is_few_step(folder) else 8
        plain = Case(binning=True) if folder == REFERENCE_MODEL else Case(width=256, height=256, steps=steps)
        cells = []
        for kind, case in list_of_runs(plain, 32 * config(folder, "transformer")["sample_size"]).items():
            if kind not in kinds:
                continue
            if not is_comparable(folder, case):
                cells.append("-")
                continue
            try:
                value = compare(options, folder, case)
            except tool_run.ToolError as error:
                failures.append(f"{folder.name}, {kind}: {error}")
                cells.append("failed")
                continue
            held = held and value >= options.min_psnr
            cells.append(shown(value) if value >= options.min_psnr else f"**{shown(value)}**")
        print(f"| {folder.name} | {' | '.join(cells)} |", flush=True)
    for failure in failures:
        print(failure, file=sys.stderr)
    return held and not failures


def random_checkpoints():
    """Folders of all variants, written on the first call."""
    from checkpoints.variants import VARIANTS
    from random_checkpoints import write
    from reference import quiet

    quiet()
    for name in VARIANTS:
        if not (RANDOM_CHECKPOINTS / name / "model_index.json").exists():
            write(name, RANDOM_CHECKPOINTS / name)
    return [RANDOM_CHECKPOINTS / name for name in VARIANTS]


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    plain = Case()
    parser.add_argument("checkpoints", nargs="*", type=Path, metavar="CHECKPOINT")
    parser.add_argument("--tool", type=Path, required=True, help="the sana-quant to test")
    parser.add_argument(
        "--tool-option",
        action="append",
        default=[],
        help="passed on to generate, as --tool-option=--threads=1",
    )
    parser.add_argument("--policy", default="fp16")
    parser.add_argument("--min-psnr", type=float, default=45.0)
    parser.add_argument("--threads", type=int, default=2, help="of diffusers")
    parser.add_argument("--matrix", action="store_true", help="every kind of run")
    parser.add_argument(
        "--only", action="append", metavar="KIND", help="with --matrix: this kind of run alone"
    )
    parser.add_argument("--prompt", default=plain.prompt)
    parser.add_argument("--negative-prompt", default=plain.negative_prompt)
    parser.add_argument("--width", type=int, default=plain.width)
    parser.add_argument("--height", type=int, default=plain.height)
    parser.add_argument("--no-binning", dest="binning", action="store_false")
    parser.add_argument("--steps", type=int, default=plain.steps)
    parser.add_argument("--guidance", type=float, default=plain.guidance)
    parser.add_argument("--seed", type=int, default=plain.seed)
    parser.add_argument(
        "--latents", action="store_true", help="hand the first noise over as a file instead of the seed"
    )
    parser.add_argument("--instruction", type=Path, metavar="FILE", help="JSON list of lines")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep the last pair of pictures there")
    options = parser.parse_args()
    if not options.matrix and len(options.checkpoints) != 1:
        parser.error("name one CHECKPOINT, or give --matrix")
    if options.latents and (options.matrix or options.binning):
        parser.error("--latents goes with --no-binning and without --matrix")
    return options


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    options.tool = options.tool.resolve()
    folders = [folder.resolve() for folder in options.checkpoints]
    with torch.no_grad():
        if options.matrix:
            sys.exit(0 if matrix(options, folders or [REFERENCE_MODEL, *random_checkpoints()]) else 1)
        case = replace(
            Case(),
            prompt=options.prompt,
            negative_prompt=options.negative_prompt,
            width=options.width,
            height=options.height,
            binning=options.binning,
            steps=options.steps,
            guidance=options.guidance,
            seed=options.seed,
            instruction=tuple(json.loads(options.instruction.read_text())) if options.instruction else (),
        )
        try:
            value = compare(options, folders[0], case)
        except tool_run.ToolError as error:
            sys.exit(f"compare: {error}")
    print(f"{shown(value)} dB")
    sys.exit(0 if value >= options.min_psnr else 1)


if __name__ == "__main__":
    main()
