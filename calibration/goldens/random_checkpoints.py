"""Writes Sana checkpoints with random weights: the published models, narrower, and configurations that none has.

    python calibration/goldens/random_checkpoints.py FOLDER              # every variant, FOLDER/NAME each
    python calibration/goldens/random_checkpoints.py FOLDER patches      # this one alone
    python calibration/goldens/random_checkpoints.py --list

They are for parity runs (compare.py), against configurations that nothing was tuned to among others. Seeds are fixed.
"""

import argparse
import json
import shutil
from pathlib import Path

import diffusers
import torch
from checkpoints.variants import DECODER, SCHEDULER, TEXT_ENCODER, TRANSFORMER, VARIANTS
from checkpoints.weights import fill
from diffusers import AutoencoderDC, SanaTransformer2DModel
from reference import REFERENCE_MODEL, quiet
from transformers import Gemma2Config, Gemma2Model

MODEL_INDEX = {
    "_class_name": "SanaPipeline",
    "_diffusers_version": "0.32.0",
    "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
    "text_encoder": ["transformers", "Gemma2Model"],
    "tokenizer": ["transformers", "GemmaTokenizerFast"],
    "transformer": ["diffusers", "SanaTransformer2DModel"],
    "vae": ["diffusers", "AutoencoderDC"],
}
# The encoder takes no part in a run, so it is as small as the class allows.
ENCODER_CHANNELS = [4, 4, 4, 8, 8, 16]


def autoencoder(changes):
    config = DECODER | changes
    stages = len(config["decoder_block_out_channels"])
    encoder = {
        "encoder_block_types": "ResBlock",
        "encoder_layers_per_block": [1] * stages,
        "encoder_qkv_multiscales": [[]] * stages,
        "encoder_block_out_channels": [*ENCODER_CHANNELS[1 - stages :], config["latent_channels"]],
        "downsample_block_type": "Conv",
    }
    return AutoencoderDC(**config, **encoder)


def write_legacy_text_config(path, variant):
    """The same configuration in the words of transformers 4."""
    config = json.loads(path.read_text())
    config.pop("layer_types", None)
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["torch_dtype"] = config.pop("dtype", variant.types[0])
    config["hidden_act"] = config["hidden_activation"]
    config["cache_implementation"] = "hybrid"
    config["transformers_version"] = "4.47.1"
    path.write_text(json.dumps(config, indent=2) + "\n")


def write(name, folder):
    """One checkpoint in the layout of diffusers; an older one of that name is replaced."""
    variant = VARIANTS[name]
    text_type, transformer_type, vae_type = (getattr(torch, kind) for kind in variant.types)
    files = {"max_shard_size": variant.shard, "variant": variant.suffix, "safe_serialization": True}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    text_config = dict(TEXT_ENCODER | variant.text_encoder)
    theta = text_config.pop("rope_theta")
    text_config["rope_parameters"] = {"rope_type": "default", "rope_theta": theta}
    text_encoder = fill(Gemma2Model(Gemma2Config(**text_config)), f"{name}/text_encoder", norm_centre=0.0)
    text_encoder.to(text_type).save_pretrained(folder / "text_encoder", **files)
    if variant.legacy:
        write_legacy_text_config(folder / "text_encoder" / "config.json", variant)

    transformer = SanaTransformer2DModel(**(TRANSFORMER | variant.transformer))
    fill(transformer, f"{name}/transformer").to(transformer_type).save_pretrained(
        folder / "transformer", **files
    )
    vae = fill(autoencoder(variant.decoder), f"{name}/vae")
    vae.to(vae_type).save_pretrained(folder / "vae", **files)
    common = SCHEDULER if variant.sampler == MODEL_INDEX["scheduler"][1] else {}
    sampler = getattr(diffusers, variant.sampler)(**(common | variant.scheduler))
    sampler.save_pretrained(folder / "scheduler")
    shutil.copytree(REFERENCE_MODEL / "tokenizer", folder / "tokenizer")
    index = MODEL_INDEX | {"_class_name": variant.pipeline, "scheduler": ["diffusers", variant.sampler]}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help="variants; all by default")
    parser.add_argument("--list", action="store_true", help="print the variants and stop")
    options = parser.parse_args()
    if options.list:
        for name, variant in VARIANTS.items():
            print(f"{name:18}{variant.about}")
        return
    if options.folder is None:
        parser.error("where to? Give a folder.")
    unknown = [name for name in options.names if name not in VARIANTS]
    if unknown:
        parser.error(f"unknown variant {unknown[0]!r}: choose from {', '.join(VARIANTS)}")
    quiet()
    for name in options.names or VARIANTS:
        write(name, options.folder / name)
        print(options.folder / name, flush=True)


if __name__ == "__main__":
    main()
