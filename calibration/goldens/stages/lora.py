"""LoRA adapters of the reference model in diffusers' and PEFT's form, and what merging them with PEFT makes of some
rows."""

import json
import shutil

import torch
from diffusers import SanaPipeline, SanaTransformer2DModel
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from reference import REFERENCE_MODEL
from safetensors.torch import save_file

BLOCK = "transformer_blocks.3"
TARGETS = [
    f"{BLOCK}.attn1.to_q",
    f"{BLOCK}.attn2.to_k",
    f"{BLOCK}.ff.conv_inverted",
    f"{BLOCK}.ff.conv_point",
    "patch_embed.proj",
]
ROWS = 8
CONFIGS = {
    "diffusers": {"r": 2, "lora_alpha": 4, "rank_pattern": {f"{BLOCK}.attn2.to_k": 3}},
    "peft": {"r": 3, "lora_alpha": 6, "alpha_pattern": {"attn1.to_q": 1.5}},
    "peft-root": {"r": 4, "lora_alpha": 2, "use_rslora": True},
}


def model(name, seed):
    """The transformer in float32 with an adapter of random factors."""
    transformer = SanaTransformer2DModel.from_pretrained(REFERENCE_MODEL / "transformer", dtype=torch.float32)
    config = LoraConfig(target_modules=TARGETS, init_lora_weights=False, **CONFIGS[name])
    generator = torch.Generator().manual_seed(seed)
    if name == "diffusers":
        transformer.add_adapter(config)
    else:
        transformer = get_peft_model(transformer, config)
    with torch.no_grad():
        for key, parameter in transformer.named_parameters():
            if ".lora_" in key:
                drawn = 0.1 * torch.randn(parameter.shape, generator=generator)
                # Fits 16 bits, so that the files may be small.
                parameter.copy_(drawn.half().float())
    return transformer, config


def save(name, transformer, config, folder):
    """The adapter's files as its own library writes them, with factors in 16 bits."""
    if name == "diffusers":
        layers = {key: value.half() for key, value in get_peft_model_state_dict(transformer).items()}
        metadata = {key: value for key, value in config.to_dict().items() if value is not None}
        for key in ["target_modules", "exclude_modules"]:
            if isinstance(metadata.get(key), set):
                metadata[key] = sorted(metadata[key])
        SanaPipeline.save_lora_weights(
            folder, transformer_lora_layers=layers, transformer_lora_adapter_metadata=metadata
        )
        return
    transformer.half().save_pretrained(folder)
    transformer.float()
    (folder / "README.md").unlink(missing_ok=True)
    file = folder / "adapter_config.json"
    settings = json.loads(file.read_text())
    settings["base_model_name_or_path"] = None
    settings["target_modules"] = sorted(settings["target_modules"])
    file.write_text(json.dumps(settings, indent=2) + "\n")


def merged_rows(name, transformer):
    if name == "diffusers":
        transformer.fuse_lora()
        transformer.unload_lora()
    else:
        transformer = transformer.merge_and_unload()
    weights = transformer.state_dict()
    return {target: weights[f"{target}.weight"][:ROWS].flatten(1).contiguous() for target in TARGETS}


def write(folder, manifest):
    adapters = folder.parent / "adapters"
    shutil.rmtree(adapters, ignore_errors=True)
    tensors = {}
    for seed, name in enumerate(CONFIGS):
        transformer, config = model(name, seed)
        save(name, transformer, config, adapters / name)
        tensors |= {f"{name}.{key}": value for key, value in merged_rows(name, transformer).items()}
    save_file(tensors, folder / "lora.safetensors")
    manifest.add(
        "lora.safetensors",
        "lora",
        f"ADAPTER.LAYER ({ROWS}, columns): the first rows of the reference model's weights, merged with the adapter "
        "of Tests/Fixtures/adapters in float32.",
        rows=ROWS,
        cases={name: {"layers": TARGETS} for name in CONFIGS},
    )
