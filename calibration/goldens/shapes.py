"""Makes Tests/Fixtures/shapes.json: which size diffusers draws at for a requested one, and how it resizes.

    python calibration/goldens/shapes.py
"""
import json
import random
from pathlib import Path

import diffusers
import torch
from diffusers.image_processor import PixArtImageProcessor
from diffusers.pipelines.sana import pipeline_sana

TARGET = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "shapes.json"

TABLES = {
    16: pipeline_sana.ASPECT_RATIO_512_BIN,
    32: pipeline_sana.ASPECT_RATIO_1024_BIN,
    64: pipeline_sana.ASPECT_RATIO_2048_BIN,
    128: pipeline_sana.ASPECT_RATIO_4096_BIN,
}

# From (width, height) to (width, height): up, down, along one side, and not at all. In none of them does diffusers
# lose a pixel by truncation.
RESIZES = [((6, 4), (5, 7)), ((8, 8), (3, 3)), ((5, 9), (10, 4)), ((7, 5), (14, 9)), ((6, 6), (6, 5)), ((4, 3), (4, 3))]


def binnings():
    """sample size, asked width and height, drawn width and height"""
    random.seed(1)
    for sample_size, table in TABLES.items():
        # Halfway between two ratios the first one wins.
        sizes = [(512, 512), (8192, 1), (1, 8192), (200, 207), (200, 53), (200, 700)]
        sizes += [(random.randint(1, 3000), random.randint(1, 3000)) for _ in range(34)]
        sizes += [(int(width), int(height)) for height, width in table.values()]
        for width, height in sizes:
            drawn = PixArtImageProcessor.classify_height_width_bin(height, width, table)
            yield [sample_size, width, height, drawn[1], drawn[0]]


def resizes():
    torch.manual_seed(1)
    for (width, height), (new_width, new_height) in RESIZES:
        picture = torch.randn(1, 3, height, width)
        resized = PixArtImageProcessor.resize_and_crop_tensor(picture, new_width, new_height)
        assert resized.shape == (1, 3, new_height, new_width)
        yield {
            "from": [width, height],
            "to": [new_width, new_height],
            "picture": picture[0].permute(1, 2, 0).flatten().tolist(),
            "resized": resized[0].permute(1, 2, 0).flatten().tolist(),
        }


def main():
    versions = {"diffusers": diffusers.__version__, "torch": torch.__version__}
    lines = [f'"versions": {json.dumps(versions)}']
    lines.append('"binnings": [\n' + ",\n".join(json.dumps(case) for case in binnings()) + "\n]")
    lines.append('"resizes": [\n' + ",\n".join(json.dumps(case) for case in resizes()) + "\n]")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
