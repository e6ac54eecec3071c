"""Converts a network for OpenVINO, or quantizes what was converted, in a process of its own: it takes much memory."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch

from peers import openvino_peer
from peers.models import inputs, network
from peers.workload import Case

CALIBRATION_SAMPLES = 4
# Of conversion and calibration: the smallest at which the networks take the paths that they take at larger ones.
SMALL_SIZE = 256


def prepare(case: Case, mode: str, cache: Path) -> None:
    small, path = replace(case, size=SMALL_SIZE), case.ir_path(mode, cache)
    if mode == "float":
        openvino_peer.convert(network(case, torch.float32), inputs(small, torch.float32), path)
    else:
        samples = [inputs(small, torch.float32, seed) for seed in range(CALIBRATION_SAMPLES)]
        openvino_peer.quantize(case.ir_path("float", cache), samples, case.part == "transformer", path)


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    prepare(Case(**order["case"]), order["mode"], Path(order["cache"]))
