"""Stage 5 (CPU): writes the checkpoint in the layout of diffusers, F16.

python package.py --work WORK --out MODEL          # MODEL has the tokenizers of stage 0
"""

import argparse
import json
from pathlib import Path

import models
import torch
from diffusers import DPMSolverMultistepScheduler
from safetensors.torch import save_file

MODEL_INDEX = {
    "_class_name": "SanaPipeline",
    "_diffusers_version": "0.32.0",
    "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
    "text_encoder": ["transformers", "Gemma2Model"],
    "tokenizer": ["transformers", "GemmaTokenizerFast"],
    "transformer": ["diffusers", "SanaTransformer2DModel"],
    "vae": ["diffusers", "AutoencoderDC"],
}
# In the words of transformers 4, which is how published pipelines have it.
TEXT_ENCODER = models.TEXT_ENCODER | {
    "architectures": ["Gemma2Model"],
    "cache_implementation": "hybrid",
    "hidden_act": "gelu_pytorch_tanh",
    "initializer_range": 0.02,
    "model_type": "gemma2",
    "torch_dtype": "float16",
    "transformers_version": "4.47.1",
    "use_cache": True,
}


def write_json(value, path):
    path.write_text(json.dumps(value, indent=2) + "\n")


def write_weights(model, state, path):
    """As one safetensors file, after a check that they fit the model and are finite in F16."""
    model.load_state_dict(state)
    weights = {
        name: value.detach().half().contiguous()
        for name, value in model.state_dict().items()
        if not name.endswith("position_ids")
    }
    for name, value in weights.items():
        if not torch.isfinite(value).all():
            raise SystemExit(f"{name} is not finite in F16")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path, metadata={"format": "pt"})
    print(f"{path.stat().st_size:>10} {path}")


def package_autoencoder(saved, out):
    vae = models.autoencoder()
    write_weights(vae, saved["model"], out / "vae" / "diffusion_pytorch_model.safetensors")
    config = json.loads(vae.to_json_string()) | {"scaling_factor": round(float(saved["scaling"]), 5)}
    write_json(config, out / "vae" / "config.json")


def package_clip(saved, out):
    clip = models.clip()
    write_weights(clip, saved["model"], out / "clip" / "model.safetensors")
    clip.config.architectures = ["CLIPModel"]
    clip.config.save_pretrained(out / "clip")


def package_transformer(saved, out):
    """And the text encoder, which is trained with it."""
    transformer = models.transformer()
    write_weights(
        transformer, saved["transformer"], out / "transformer" / "diffusion_pytorch_model.safetensors"
    )
    write_json(json.loads(transformer.to_json_string()), out / "transformer" / "config.json")
    write_weights(models.text_encoder(), saved["text_encoder"], out / "text_encoder" / "model.safetensors")
    write_json(dict(sorted(TEXT_ENCODER.items())), out / "text_encoder" / "config.json")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="has the .pt files of those parts")
    parser.add_argument("--out", type=Path, required=True)
    parts = ["clip", "autoencoder", "transformer"]
    parser.add_argument(
        "--parts", nargs="+", choices=parts, default=parts, help="what to write; the rest stays as it is"
    )
    options = parser.parse_args()

    def saved(name):
        return torch.load(options.work / f"{name}.pt", map_location="cpu")

    if "clip" in options.parts:
        package_clip(saved("clip"), options.out)
    if "autoencoder" in options.parts:
        package_autoencoder(saved("autoencoder"), options.out)
    if "transformer" in options.parts:
        package_transformer(
            {name: saved(name)["model"] for name in ("transformer", "text_encoder")}, options.out
        )
        DPMSolverMultistepScheduler(**models.SCHEDULER).save_pretrained(options.out / "scheduler")
        write_json(MODEL_INDEX, options.out / "model_index.json")


if __name__ == "__main__":
    main()
