"""Holds `sana-quant convert --lora` against merging with PEFT.

    python calibration/goldens/check_adapters.py CHECKPOINT --tool PATH/TO/sana-quant [--policy edge]

Draws two adapters over every linear layer and 1x1 convolution, one saved by diffusers and one by PEFT, merges both
into a copy of the checkpoint with PEFT in float32, and converts twice: the checkpoint with --lora, and the copy. Both
packs' transformers, as `sana-quant export` writes them, must agree to rounding. Needs the package peft.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from diffusers import SanaPipeline, SanaTransformer2DModel
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file

FIRST = {"r": 4, "lora_alpha": 6}
SECOND = {"r": 3, "lora_alpha": 2, "use_rslora": True}
SCALES = (0.75, -1.5)


def targets(model):
    """Linear layers and 1x1 convolutions."""
    for name, module in model.named_modules():
        is_point = isinstance(module, torch.nn.Conv2d) and module.kernel_size == (1, 1)
        if isinstance(module, torch.nn.Linear) or is_point:
            yield name


def randomize(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".lora_" in name:
                parameter.copy_(0.05 * torch.randn(parameter.shape, generator=generator))


def load(checkpoint):
    return SanaTransformer2DModel.from_pretrained(checkpoint / "transformer", dtype=torch.float32)


def merged(checkpoint, folder):
    """Writes both adapters; returns the transformer with both merged."""
    model = load(checkpoint)
    names = list(targets(model))
    config = LoraConfig(target_modules=names, init_lora_weights=False, **FIRST)
    model.add_adapter(config)
    randomize(model, 1)
    metadata = {"r": FIRST["r"], "lora_alpha": FIRST["lora_alpha"]}
    SanaPipeline.save_lora_weights(
        folder / "first",
        transformer_lora_layers=get_peft_model_state_dict(model),
        transformer_lora_adapter_metadata=metadata,
    )
    model.fuse_lora(lora_scale=SCALES[0])
    model.unload_lora()

    wrapped = get_peft_model(model, LoraConfig(target_modules=names, init_lora_weights=False, **SECOND))
    randomize(wrapped, 2)
    wrapped.save_pretrained(folder / "second")
    for module in wrapped.modules():
        if hasattr(module, "scaling") and "default" in module.scaling:
            module.scaling["default"] *= SCALES[1]
    return wrapped.merge_and_unload()


def export(tool, checkpoint, policy, folder, adapters=()):
    pack = folder / "pack.sanaq"
    command = [tool, "convert", checkpoint, "-o", pack, "--policy", policy, "--overwrite"]
    for adapter in adapters:
        command += ["--lora", adapter]
    subprocess.run(command, check=True, capture_output=True)
    subprocess.run([tool, "export", pack, "-o", folder / "out", "--overwrite"], check=True, capture_output=True)
    return load_file(folder / "out" / "diffusion_pytorch_model.safetensors")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--tool", type=Path, required=True)
    parser.add_argument("--policy", default="edge")
    options = parser.parse_args()
    tool = options.tool.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = merged(options.checkpoint, folder)
        copy = folder / "copy"
        shutil.copytree(options.checkpoint, copy)
        shutil.rmtree(copy / "transformer")
        model.save_pretrained(copy / "transformer")
        ours = export(
            tool,
            options.checkpoint,
            options.policy,
            folder,
            [f"{folder}/first:{SCALES[0]}", f"{folder}/second:{SCALES[1]}"],
        )
        theirs = export(tool, copy, options.policy, folder)
    counts = {"equal": 0, "one step": 0, "rounding": 0, "wrong": 0}
    for key, value in ours.items():
        other = theirs[key]
        if value.dtype == torch.int8:
            steps = (value.int() - other.int()).abs().max().item()
            kind = "equal" if steps == 0 else "one step" if steps == 1 else "wrong"
        else:
            step = 2**-7 if value.dtype == torch.bfloat16 else 2**-10
            close = torch.allclose(value.float(), other.float(), rtol=step, atol=1e-6)
            kind = "equal" if torch.equal(value.float(), other.float()) else "rounding" if close else "wrong"
        counts[kind] += 1
        if kind == "wrong":
            print(f"{key}: {(value.float() - other.float()).abs().max().item()}", file=sys.stderr)
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    sys.exit(1 if counts["wrong"] else 0)


if __name__ == "__main__":
    main()
