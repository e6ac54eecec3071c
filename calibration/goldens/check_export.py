"""Holds what `sana-quant export` writes against compressed-tensors and against the checkpoint.

    python calibration/goldens/check_export.py CHECKPOINT --tool PATH/TO/sana-quant [--policy edge]

Every quantized layer is dequantized by compressed-tensors and compared with int8 times scale, which must be equal, and
with the checkpoint's weight, which must lie within half a step of its scale. The other tensors must be the
checkpoint's. Needs the package compressed-tensors.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.quantization import QuantizationConfig
from safetensors.torch import load_file


def checkpoint_weights(folder):
    files = sorted((folder / "transformer").glob("*.safetensors"))
    return {name: value for file in files for name, value in load_file(file).items()}


def exported(options, folder):
    pack, output = Path(folder) / "pack.sanaq", Path(folder) / "export"
    subprocess.run(
        [options.tool, "convert", options.checkpoint, "-o", pack, "--policy", options.policy],
        check=True,
        capture_output=True,
    )
    subprocess.run([options.tool, "export", pack, "-o", output], check=True, capture_output=True)
    return json.loads((output / "config.json").read_text()), load_file(
        output / "diffusion_pytorch_model.safetensors"
    )


def check(config, tensors, originals):
    """A sentence for each thing that is wrong."""
    if "quantization_config" not in config:
        yield "no layer is quantized"
        return
    settings = QuantizationConfig.model_validate(config["quantization_config"])
    schemes = {name: scheme for scheme in settings.config_groups.values() for name in scheme.targets}
    compressor = BaseCompressor.get_value_from_registry(settings.format)
    left = set(tensors)
    worst = 0.0
    for layer, scheme in schemes.items():
        stored = {key: tensors[f"{layer}.{key}"] for key in ["weight", "weight_scale"]}
        left -= {f"{layer}.weight", f"{layer}.weight_scale"}
        weight = compressor.decompress(stored, scheme)["weight"]
        product = stored["weight"].float() * stored["weight_scale"]
        if not torch.equal(weight, product):
            yield f"{layer}: compressed-tensors dequantizes to other numbers"
        original = originals[f"{layer}.weight"]
        if original.ndim > 2 and config["quantized_convolutions"].get(layer) != list(original.shape):
            yield f"{layer}: no shape of the convolution in the configuration"
        steps = ((weight - original.float().flatten(1)) / stored["weight_scale"]).abs().max().item()
        worst = max(worst, steps)
        if steps > 0.5001:
            yield f"{layer}: {steps:.3f} steps from the checkpoint"
    for name in sorted(left):
        original = originals[name]
        if tensors[name].shape != original.shape or not torch.equal(tensors[name].float(), original.float()):
            yield f"{name}: not the checkpoint's"
    missing = set(originals) - set(tensors)
    if missing:
        yield f"missing: {', '.join(sorted(missing))}"
    print(f"{len(schemes)} quantized layers, at most {worst:.4f} steps from the checkpoint; {len(left)} others")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--tool", type=Path, required=True)
    parser.add_argument("--policy", default="edge")
    options = parser.parse_args()
    options.tool = options.tool.resolve()
    with tempfile.TemporaryDirectory() as folder:
        config, tensors = exported(options, folder)
    wrong = list(check(config, tensors, checkpoint_weights(options.checkpoint)))
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
