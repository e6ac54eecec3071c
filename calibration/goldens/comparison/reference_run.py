"""The run in diffusers in float32, cached by everything it depends on."""

import hashlib
import json
import tempfile
from pathlib import Path

import numpy
import torch
from diffusers.pipelines.sana import pipeline_sana
from reference import load_pipeline

CACHE = Path(tempfile.gettempdir()) / "sana-quant-compare"
TABLES = {
    16: pipeline_sana.ASPECT_RATIO_512_BIN,
    32: pipeline_sana.ASPECT_RATIO_1024_BIN,
    64: pipeline_sana.ASPECT_RATIO_2048_BIN,
    128: pipeline_sana.ASPECT_RATIO_4096_BIN,
}
_pipelines = {}


def fingerprint(folder):
    """Names, sizes and times of a checkpoint's files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]


def pipeline(folder):
    """One pipeline is kept at a time."""
    if folder not in _pipelines:
        _pipelines.clear()
        _pipelines[folder] = load_pipeline(folder)
    return _pipelines[folder]


def is_few_step(folder):
    """Whether the checkpoint's pipeline is that of Sana-Sprint."""
    index = json.loads((folder / "model_index.json").read_text())
    return index["_class_name"] == "SanaSprintPipeline"


def binned_size(case, sample_size):
    """Height and width of the table's entry for the case's aspect ratio."""
    table = TABLES[sample_size]
    ratio = case.height / case.width
    height, width = table[min(table, key=lambda key: abs(float(key) - ratio))]
    return int(height), int(width)


def resize_and_crop(picture, height, width):
    """diffusers' resize and centre crop of (1, 3, h, w), where its integer truncation leaves the resized picture no
    smaller than what was asked for; where it does, that side takes the size asked for."""
    old_height, old_width = picture.shape[2:]
    ratio = max(height / old_height, width / old_width)
    resized = (max(int(old_height * ratio), height), max(int(old_width * ratio), width))
    picture = torch.nn.functional.interpolate(picture, size=resized, mode="bilinear", align_corners=False)
    top, left = (resized[0] - height) // 2, (resized[1] - width) // 2
    return picture[:, :, top : top + height, left : left + width]


def run(folder, case, latents=None):
    """The picture as uint8 (height, width, 3)."""
    pipe = pipeline(folder)
    height, width = case.height, case.width
    if case.binning:
        height, width = binned_size(case, pipe.transformer.config.sample_size)
    if is_few_step(folder):
        options = {} if case.steps == 2 else {"intermediate_timesteps": None}
    else:
        options = {"negative_prompt": case.negative_prompt}
    latents = pipe(
        case.prompt,
        height=height,
        width=width,
        num_inference_steps=case.steps,
        guidance_scale=case.guidance,
        generator=torch.Generator().manual_seed(case.seed),
        latents=latents,
        use_resolution_binning=False,
        complex_human_instruction=list(case.instruction) or None,
        output_type="latent",
        **options,
    ).images
    picture = pipe.vae.decode(latents / pipe.vae.config.scaling_factor, return_dict=False)[0]
    if case.binning:
        picture = resize_and_crop(picture, case.height, case.width)
    levels = (picture[0] / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).numpy()
    return (levels * 255).round().astype("uint8")


def cached_run(folder, case):
    """`run`, kept in the temporary folder."""
    key = json.dumps([fingerprint(folder), case.key()]).encode()
    file = CACHE / "reference" / f"{hashlib.sha256(key).hexdigest()[:32]}.npy"
    if file.exists():
        return numpy.load(file)
    picture = run(folder, case)
    file.parent.mkdir(parents=True, exist_ok=True)
    numpy.save(file, picture)
    return picture
