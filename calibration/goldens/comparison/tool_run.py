"""The run in sana-quant: convert once per checkpoint, policy and instruction, then generate."""

import hashlib
import json
import subprocess
from pathlib import Path

import numpy
import torch
from PIL import Image
from safetensors.torch import save_file

from comparison.reference_run import CACHE, fingerprint


class ToolError(Exception):
    """sana-quant ended with another exit code than 0; the text is its last line."""


def call(command):
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode != 0:
        last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
        raise ToolError(f"{Path(command[0]).name} {command[1]} exited with {finished.returncode}: {last}")
    return finished.stdout


def digest(value):
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def pack(tool, folder, policy, instruction):
    """The path of the pack, converted unless this build of the tool has converted the same files before."""
    build = digest([str(tool), tool.stat().st_mtime_ns])
    file = (
        CACHE / "packs" / f"{folder.name}-{build}-{digest([fingerprint(folder), policy, instruction])}.sanaq"
    )
    if file.exists():
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    for other in file.parent.glob(f"{folder.name}-*.sanaq"):
        if not other.name.startswith(f"{folder.name}-{build}-"):
            other.unlink()
    command = [tool, "convert", folder, "-o", file, "--policy", policy]
    if instruction:
        lines = CACHE / "instruction.json"
        lines.write_text(json.dumps(list(instruction)))
        command += ["--instruction", lines]
    call([str(part) for part in command])
    return file


def save_latents(case, channels):
    """The case's first noise as a file for `--latents`."""
    shape = (1, channels, case.height // 32, case.width // 32)
    latents = torch.randn(shape, generator=torch.Generator().manual_seed(case.seed))
    file = CACHE / "latents.safetensors"
    save_file({"latents": latents}, file)
    return file


def run(tool, folder, case, policy, latents=None, extra=()):
    """The picture as uint8 (height, width, 3)."""
    output = CACHE / "picture.png"
    CACHE.mkdir(parents=True, exist_ok=True)
    output.unlink(missing_ok=True)
    command = [tool, "generate", pack(tool, folder, policy, case.instruction), "-o", output]
    command += ["--prompt", case.prompt, "--negative-prompt", case.negative_prompt]
    command += [
        "--width",
        case.width,
        "--height",
        case.height,
        "--binning" if case.binning else "--no-binning",
    ]
    command += ["--steps", case.steps, "--guidance", case.guidance]
    command += ["--latents", latents] if latents else ["--seed", case.seed]
    call([str(part) for part in command + list(extra)])
    return numpy.asarray(Image.open(output).convert("RGB"))
