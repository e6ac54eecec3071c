"""The reference model in float32, and the prompts and the instruction that the goldens share."""

import json
from pathlib import Path

import diffusers
import torch
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

ROOT = Path(__file__).resolve().parents[2]
REFERENCE_MODEL = ROOT / "calibration" / "reference-model"
GOLDENS = ROOT / "Tests" / "Fixtures" / "goldens"
INSTRUCTION_FILE = GOLDENS / "instruction.json"

SHORT_PROMPT = "A large glossy red heart to the left of a small striped blue star on a beige background"
NEGATIVE_PROMPT = "a small dotted green circle in a starry night sky"
LANDSCAPE_PROMPT = "a large checkered purple square over a snowy field under a gray sky"
SIZES = ["small", "large"]
MATERIALS = ["solid", "striped", "dotted", "checkered", "glossy"]
COLORS = ["red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "brown", "white", "black"]
SHAPES = ["circle", "square", "triangle", "star", "heart", "ring", "cross", "moon", "hexagon", "flower"]
# Some 400 tokens: more than the 300 that a prompt may have, so it is truncated.
LONG_PROMPT = " and ".join(
    f"a {SIZES[i % 2]} {MATERIALS[i % 5]} {COLORS[i % 11]} {SHAPES[i % 10]} with {42 + i} eyes"
    for i in range(33)
)


def quiet():
    """No progress bars and no advice from the libraries."""
    for logging in (diffusers_logging, transformers_logging):
        logging.disable_progress_bar()
        logging.set_verbosity_error()


def load_pipeline(folder=REFERENCE_MODEL):
    """The checkpoint's 16-bit weights, computed in float32, without progress bars."""
    quiet()
    suffix = next((kind for kind in ["fp16", "bf16"] if any(Path(folder, "transformer").glob(f"*.{kind}*"))), None)
    index = json.loads(Path(folder, "model_index.json").read_text())
    pipeline = getattr(diffusers, index["_class_name"]).from_pretrained(folder, dtype=torch.float32, variant=suffix)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def instruction():
    """A short instruction of our own, as the JSON list of lines that `sana-quant` takes."""
    return json.loads(INSTRUCTION_FILE.read_text())
