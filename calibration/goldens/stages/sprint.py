"""A tiny Sana-Sprint checkpoint with random weights, and its pictures."""

import shutil

import torch
from diffusers import SanaSprintPipeline
from random_checkpoints import write as write_checkpoint
from reference import LANDSCAPE_PROMPT, REFERENCE_MODEL, SHORT_PROMPT
from safetensors.torch import save_file
from transformers import AutoTokenizer

DEFAULTS = {
    "prompt": SHORT_PROMPT,
    "width": 128,
    "height": 128,
    "steps": 2,
    "guidance": 4.5,
    "seed": 0,
    "latents": False,
}
CASES = {
    "steps1": {"steps": 1, "seed": 1},
    "steps2": {},
    "steps4": {"steps": 4, "seed": 2, "guidance": 0.5},
    "wide": {"width": 192, "height": 96, "prompt": LANDSCAPE_PROMPT, "guidance": 9.0, "seed": 3},
    "latents": {"latents": True, "seed": 4},
}


def picture(pipeline, case, latents):
    return pipeline(
        case["prompt"],
        height=case["height"],
        width=case["width"],
        num_inference_steps=case["steps"],
        intermediate_timesteps=1.3 if case["steps"] == 2 else None,
        guidance_scale=case["guidance"],
        generator=torch.Generator().manual_seed(case["seed"]),
        latents=latents,
        use_resolution_binning=False,
        complex_human_instruction=None,
    ).images[0]


def write(folder, manifest):
    checkpoint = folder.parent / "sprint-model"
    write_checkpoint("tiny-sprint", checkpoint)
    # The reference model's tokenizer stands in for the checkpoint's own, which is the same.
    shutil.rmtree(checkpoint / "tokenizer")
    pipeline = SanaSprintPipeline.from_pretrained(
        checkpoint,
        tokenizer=AutoTokenizer.from_pretrained(REFERENCE_MODEL / "tokenizer"),
        dtype=torch.float32,
    )
    pipeline.set_progress_bar_config(disable=True)
    (folder / "sprint").mkdir(exist_ok=True)
    for name, changes in CASES.items():
        case = DEFAULTS | changes
        latents = None
        if case["latents"]:
            shape = (1, 32, case["height"] // 32, case["width"] // 32)
            latents = torch.randn(shape, generator=torch.Generator().manual_seed(77))
            save_file({"latents": latents}, folder / "sprint" / "latents.safetensors")
        file = f"sprint/{name}.png"
        picture(pipeline, case, latents).save(folder / file, optimize=True)
        case |= {"seed": str(case["seed"])}
        manifest.add(file, "sprint", "A whole run of sprint-model in float32.", case=case)
