"""Measures again with transformers what `sana-quant check --report` has measured.

python calibration/check.py REPORT [--clip FOLDER]

Reads REPORT/report.json and the pictures beside it, computes CLIP similarity, CLIP scores and drop of each prompt with
transformers' CLIPModel in float32 and PSNR with numpy, and prints both columns and the largest difference of any prompt.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer
from transformers.utils import logging

CLIP = Path(__file__).resolve().parent / "reference-model" / "clip"
FIGURES = ["similarity", "scoreReference", "scoreCandidate", "drop", "psnr"]


def unit(output):
    """(projection), of length 1."""
    features = (output if torch.is_tensor(output) else output.pooler_output)[0].double()
    return features / features.norm()


def measure(entry, folder, model, processor, tokenizer, limit):
    images = {
        side: Image.open(folder / entry["pictures"][side]).convert("RGB") for side in ["reference", "candidate"]
    }
    pixels = {side: processor(images=image, return_tensors="pt") for side, image in images.items()}
    features = {side: unit(model.get_image_features(**values)) for side, values in pixels.items()}
    encoded = tokenizer(entry["prompt"], truncation=True, max_length=limit, return_tensors="pt")
    text = unit(model.get_text_features(**encoded))
    score = {side: 100 * max(float(values @ text), 0) for side, values in features.items()}
    arrays = [np.asarray(image).astype(float) for image in images.values()]
    error = np.mean((arrays[0] - arrays[1]) ** 2)
    return {
        "similarity": float(features["reference"] @ features["candidate"]),
        "scoreReference": score["reference"],
        "scoreCandidate": score["candidate"],
        "drop": score["reference"] - score["candidate"],
        "psnr": min(100.0, float(10 * np.log10(255**2 / error))) if error > 0 else 100.0,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("report", type=Path)
    parser.add_argument("--clip", type=Path, default=CLIP)
    options = parser.parse_args()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    torch.set_num_threads(2)
    model = CLIPModel.from_pretrained(options.clip, dtype=torch.float32).eval()
    tokenizer = CLIPTokenizer.from_pretrained(options.clip)
    processor = CLIPImageProcessor.from_pretrained(options.clip)
    limit = min(model.config.text_config.max_position_embeddings, tokenizer.model_max_length)
    entries = json.loads((options.report / "report.json").read_text())["prompts"]
    with torch.no_grad():
        again = [measure(entry, options.report, model, processor, tokenizer, limit) for entry in entries]
    print(f"{len(entries)} prompts      sana-quant   transformers   largest difference of a prompt")
    for figure in FIGURES:
        ours = np.array([entry[figure] for entry in entries])
        theirs = np.array([entry[figure] for entry in again])
        worst = max if figure == "drop" else min
        print(f"{figure:15} mean {ours.mean():11.6f}  {theirs.mean():11.6f}   {np.abs(ours - theirs).max():.2e}")
        print(f"{'':15} worst{worst(ours):11.6f}  {worst(theirs):11.6f}")


if __name__ == "__main__":
    main()
