"""Stage 6: measures a packaged checkpoint, by default on scenes with an object that was never trained on.

    python evaluate.py --model MODEL --out RESULTS --n 64 [--seen] [--retrieval]

Writes RESULTS/results.json and contact sheets of the generated and of the rendered pictures.
"""

import argparse
import json
import random
import textwrap
import time
from pathlib import Path

import torch
from build_tokenizers import CLIP_PREPROCESSOR
from data import hard_negative
from diffusers import SanaPipeline
from models import CLIP_TOKENS, image_features, text_features
from PIL import Image, ImageDraw
from scenes.captions import caption
from scenes.grammar import BACKGROUND, COUNT, FIRST, RELATION, RELATIONS, SECOND, VALUES, sample
from scenes.renderer import render_scenes
from torch.nn import functional
from transformers import CLIPModel, CLIPTokenizer


class Judge:
    """CLIP scores: 100 times the cosine of a picture's and a caption's features."""

    def __init__(self, folder, device="cpu"):
        self.device = device
        self.model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval().to(device)
        self.tokenizer = CLIPTokenizer.from_pretrained(folder)
        self.size = self.model.config.vision_config.image_size
        self.mean, self.deviation = (
            torch.tensor(CLIP_PREPROCESSOR[name], device=device).view(1, 3, 1, 1)
            for name in ("image_mean", "image_std")
        )

    def images(self, pictures):
        """Unit features of (B, 3, H, W) in [0, 1], resized as CLIPImageProcessor does."""
        features = []
        for batch in pictures.split(64):
            small = functional.interpolate(batch.to(self.device), self.size, mode="bicubic", antialias=True).clamp(0, 1)
            features.append(image_features(self.model, (small - self.mean) / self.deviation))
        return functional.normalize(torch.cat(features), dim=1).cpu()

    def texts(self, captions):
        encoded = self.tokenizer(
            captions, padding="max_length", max_length=CLIP_TOKENS, truncation=True, return_tensors="pt"
        )
        encoded = encoded.to(self.device)
        features = text_features(self.model, encoded.input_ids, encoded.attention_mask)
        return functional.normalize(features, dim=1).cpu()


def alternatives(scene):
    """Pairs of an attribute's name and captions: the true one first, then one for every other value."""
    slots = [("background", BACKGROUND, range(VALUES[BACKGROUND]))]
    if scene[COUNT] == 2:
        slots.append(("relation", RELATION, range(1, len(RELATIONS))))
    for start in (FIRST, SECOND)[: scene[COUNT]]:
        for part, name in enumerate(("size", "color", "material", "shape")):
            slots.append((name, start + part, range(VALUES[start + part])))
    for name, column, values in slots:
        captions = [caption(scene, style="canonical")]
        for value in values:
            if value != scene[column]:
                captions.append(caption(scene[:column] + [value] + scene[column + 1 :], style="canonical"))
        yield name, captions


def mean(values):
    return round(sum(values) / len(values), 4)


def score(judge, pictures, scenes):
    """CLIP score, how often CLIP prefers the true caption to all with that attribute changed, and what the score loses
    on average when it is; and the scores."""
    right, drop, all_right, scores = {}, {}, [], []
    for features, scene in zip(judge.images(pictures), scenes.tolist()):
        results = []
        for name, captions in alternatives(scene):
            values = 100 * (judge.texts(captions) @ features)
            results.append(bool(values.argmax() == 0))
            right.setdefault(name, []).append(results[-1])
            drop.setdefault(name, []).append(float(values[0] - values[1:].mean()))
        all_right.append(all(results))
        scores.append(float(values[0]))
    return {
        "clip_score": mean(scores),
        "all_right": mean(all_right),
        "right": {name: mean(values) for name, values in right.items()},
        "score_drop_one_wrong": {name: mean(values) for name, values in drop.items()},
    }, scores


def retrieval(judge, count=512, seed=4242):
    """CLIP alone, on rendered held-out scenes and random full captions."""
    scenes = sample(count, torch.Generator().manual_seed(seed), held_out=True)
    rng = random.Random(seed)
    right = judge.texts([caption(scene, rng, "full") for scene in scenes.tolist()])
    wrong = judge.texts([caption(hard_negative(scene, rng), rng, "full") for scene in scenes.tolist()])
    images = torch.cat(
        [
            judge.images(render_scenes(scenes[i : i + 32], seed + i, judge.device))
            for i in range(0, count, 32)
        ]
    )
    similarity = images @ right.T
    own, match, negative = torch.arange(count), similarity.diag(), (images * wrong).sum(1)
    return {
        "n": count,
        "image_to_text_top1": (similarity.argmax(1) == own).float().mean().item(),
        "image_to_text_top5": ((similarity > match[:, None]).sum(1) < 5).float().mean().item(),
        "text_to_image_top1": (similarity.argmax(0) == own).float().mean().item(),
        "above_hard_negative": (match > negative).float().mean().item(),
        "clip_score_match": 100 * match.mean().item(),
        "clip_score_one_wrong": 100 * negative.mean().item(),
        "clip_score_other": 100 * (similarity.sum() - match.sum()).item() / count / (count - 1),
    }


def reconstruct(vae, pictures):
    batches = [batch.to(vae.device) * 2 - 1 for batch in pictures.split(8)]
    outputs = [vae.decode(vae.encode(batch)[0])[0].cpu() for batch in batches]
    return (torch.cat(outputs) / 2 + 0.5).clamp(0, 1)


def psnr(pictures, references):
    """Of each picture."""
    return -10 * torch.log10(((pictures - references) ** 2).mean((1, 2, 3)))


def save_sheet(pictures, captions, scores, path, columns=4, side=320):
    rows, height = (len(pictures) + columns - 1) // columns, side + 58
    sheet = Image.new("RGB", (columns * side, rows * height), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (picture, words, value) in enumerate(zip(pictures, captions, scores)):
        levels = (picture.permute(1, 2, 0).numpy() * 255).round().astype("uint8")
        left, top = i % columns * side, i // columns * height
        sheet.paste(Image.fromarray(levels).resize((side, side), Image.LANCZOS), (left, top))
        lines = "\n".join(textwrap.wrap(f"{words} [{value:.1f}]", 50))
        draw.text((left + 4, top + side + 3), lines, fill="black")
    sheet.save(path)


@torch.no_grad()
def evaluate(options):
    judge = Judge(options.model / "clip", options.device)
    results = {
        "settings": {name: value for name, value in vars(options).items() if name not in ("model", "out")}
    }
    if options.retrieval:
        results["retrieval"] = retrieval(judge)
    scenes = sample(options.n, torch.Generator().manual_seed(options.seed), held_out=not options.seen)
    captions = [caption(scene, style="canonical") for scene in scenes.tolist()]
    rendered = torch.cat(
        [
            render_scenes(scenes[i : i + 16], options.seed + i, options.device).cpu()
            for i in range(0, options.n, 16)
        ]
    )
    results["rendered"], rendered_scores = score(judge, rendered, scenes)
    if options.renders_only:
        return results
    pipeline = SanaPipeline.from_pretrained(options.model, dtype=torch.float32).to(options.device)
    pipeline.set_progress_bar_config(disable=True)
    outputs = reconstruct(pipeline.vae, rendered)
    quality = psnr(outputs, rendered)
    results["autoencoder"] = {
        "psnr_mean": quality.mean().item(),
        "psnr_min": quality.min().item(),
        "clip_score": score(judge, outputs, scenes)[0]["clip_score"],
    }
    start, batches = time.time(), []
    for i in range(0, options.n, options.batch):
        batches.append(
            pipeline(
                captions[i : i + options.batch],
                height=512,
                width=512,
                num_inference_steps=options.steps,
                guidance_scale=options.guidance,
                generator=torch.Generator().manual_seed(options.seed + i),
                complex_human_instruction=None,
                output_type="pt",
            ).images.cpu()
        )
    generated = torch.cat(batches)
    results["seconds_per_picture"] = (time.time() - start) / options.n
    results["generated"], generated_scores = score(judge, generated, scenes)
    save_sheet(generated[:16], captions, generated_scores, options.out / "generated.png")
    save_sheet(rendered[:16], captions, rendered_scores, options.out / "rendered.png")
    return results


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--n", type=int, default=64)
    parser.add_argument(
        "--seen", action="store_true", help="new scenes of seen triples instead of held-out ones"
    )
    parser.add_argument("--retrieval", action="store_true", help="measure CLIP's retrieval, too")
    parser.add_argument("--renders-only", action="store_true", help="measure CLIP alone, on real renders")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.5)
    parser.add_argument("--seed", type=int, default=1234)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--device", default="cpu", help="another one places the objects differently")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    results = evaluate(options)
    (options.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
