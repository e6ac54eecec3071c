"""Makes Tests/Fixtures/normals.json: normal numbers as torch draws them on a CPU.

    python calibration/goldens/normals.py
"""
import json
from pathlib import Path

import torch

TARGET = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "normals.json"

# Each case: a seed, and how many numbers each draw from the one generator takes. 16 is where torch's other path
# begins; 624 words are one state of mt19937.
CASES = [
    (0, [16]),
    (1, [17, 31, 33]),
    (42, [1000]),
    (7, [1, 2, 3, 15]),
    (7, [3, 20, 2]),
    (2**32, [16]),
    (2**32 + 5, [40]),
    (2**64 - 1, [624, 16]),
]


def main():
    cases = []
    for seed, counts in CASES:
        generator = torch.Generator("cpu").manual_seed(seed)
        draws = [torch.randn(count, generator=generator).tolist() for count in counts]
        cases.append({"seed": str(seed), "draws": draws})
    lines = ",\n".join(json.dumps(case) for case in cases)
    TARGET.write_text(f'{{"torch": "{torch.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
