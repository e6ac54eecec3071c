"""Makes the goldens of Tests/Fixtures/goldens from the reference model with diffusers in float32.

python calibration/goldens/generate.py                     # every stage
python calibration/goldens/generate.py solver pictures     # these stages alone
"""

import argparse

import torch
from manifest import Manifest
from reference import GOLDENS
from stages import decoder, euler, lora, noise, pictures, solver, sprint, text_encoder, tokens, transformer

STAGES = {
    "tokens": tokens,
    "text-encoder": text_encoder,
    "transformer": transformer,
    "solver": solver,
    "noise": noise,
    "decoder": decoder,
    "pictures": pictures,
    "euler": euler,
    "sprint": sprint,
    "lora": lora,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "stages", nargs="*", metavar="STAGE", help=f"any of {', '.join(STAGES)}; all by default"
    )
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    unknown = [name for name in options.stages if name not in STAGES]
    if unknown:
        parser.error(f"unknown stage {unknown[0]!r}: choose from {', '.join(STAGES)}")
    torch.set_num_threads(options.threads)
    manifest = Manifest(GOLDENS)
    with torch.no_grad():
        for name in options.stages or STAGES:
            STAGES[name].write(GOLDENS, manifest)
            print(f"{name} done", flush=True)
    manifest.write()
    total = sum(path.stat().st_size for path in GOLDENS.rglob("*") if path.is_file())
    print(f"{total / 2**20:.2f} MiB in {GOLDENS.name}")


if __name__ == "__main__":
    main()
