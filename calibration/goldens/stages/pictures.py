"""Whole pictures: prompt and seed to PNG."""

import torch
from reference import LANDSCAPE_PROMPT, LONG_PROMPT, NEGATIVE_PROMPT, SHORT_PROMPT, instruction, load_pipeline

DEFAULTS = {
    "prompt": SHORT_PROMPT,
    "negativePrompt": "",
    "width": 384,
    "height": 384,
    "steps": 8,
    "guidance": 4.5,
    "seed": 0,
    "binning": False,
    "instruction": False,
}
CASES = {
    "full-size": {"width": 512, "height": 512, "steps": 20, "binning": True},
    "guidance1": {"guidance": 1.0, "seed": 1},
    "negative-prompt": {"prompt": LANDSCAPE_PROMPT, "negativePrompt": NEGATIVE_PROMPT, "seed": 2},
    "steps1": {"steps": 1, "seed": 3},
    "steps2": {"steps": 2, "seed": 4},
    "steps14": {"steps": 14, "seed": 5},
    "wide": {"width": 640, "height": 384, "prompt": LANDSCAPE_PROMPT, "seed": 6},
    "binned-wide": {"width": 600, "height": 400, "steps": 4, "binning": True, "seed": 7},
    "binned-tall": {"width": 400, "height": 600, "steps": 4, "binning": True, "seed": 8},
    "empty-prompt": {"prompt": "", "seed": 9},
    "long-prompt": {"prompt": LONG_PROMPT, "seed": 10},
    "instruction": {"instruction": True, "seed": 2**63 + 5},
}


def picture(pipeline, case):
    return pipeline(
        case["prompt"],
        negative_prompt=case["negativePrompt"],
        height=case["height"],
        width=case["width"],
        num_inference_steps=case["steps"],
        guidance_scale=case["guidance"],
        generator=torch.Generator().manual_seed(case["seed"]),
        use_resolution_binning=case["binning"],
        complex_human_instruction=instruction() if case["instruction"] else None,
    ).images[0]


def write(folder, manifest):
    pipeline = load_pipeline()
    (folder / "pictures").mkdir(exist_ok=True)
    for name, changes in CASES.items():
        case = DEFAULTS | changes
        file = f"pictures/{name}.png"
        picture(pipeline, case).save(folder / file, optimize=True)
        manifest.add(file, "pictures", "A whole run in float32.", case=case | {"seed": str(case["seed"])})
