"""One peer in a process of its own: says `ready`, then runs once and tells the seconds for each line it reads."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from peers import models, openvino_peer, torch_peer
from peers.workload import Case, Peer

CALIBRATION_SAMPLES = 4
# Both conversion and calibration: the smallest size at which the networks take the paths of larger ones.
CONVERSION_SIZE = 256


def network(case: Case, dtype: torch.dtype) -> nn.Module:
    if case.part == "transformer":
        return models.transformer(case.model, dtype)
    return models.decoder(dtype) if case.part == "decoder" else models.text_encoder(dtype)


def inputs(case: Case, dtype: torch.dtype, seed: int = 0) -> tuple[Tensor, ...]:
    of_part = {
        "transformer": models.transformer_inputs,
        "decoder": models.decoder_inputs,
        "text": models.text_inputs,
    }
    return of_part[case.part](case.size, dtype, seed)


def openvino_ir(case: Case, mode: str, cache: Path) -> Path:
    small, name = replace(case, size=CONVERSION_SIZE), f"{case.part}-{case.model}"
    ir = openvino_peer.cached_ir(
        cache / f"{name}.xml", lambda: network(case, torch.float32), inputs(small, torch.float32)
    )
    if mode == "float":
        return ir
    samples = [inputs(small, torch.float32, seed) for seed in range(CALIBRATION_SAMPLES)]
    return openvino_peer.cached_int8_ir(cache / f"{name}-int8.xml", ir, samples, case.part == "transformer")


def runner(case: Case, peer: Peer, threads: int, cache: Path) -> Callable[[], object]:
    if peer.framework == "openvino":
        ir = openvino_ir(case, peer.mode, cache)
        return openvino_peer.prepared(ir, inputs(case, torch.float32), threads, peer.dtype)
    dtype = getattr(torch, peer.dtype)
    return torch_peer.prepared(network(case, dtype), inputs(case, dtype), peer.mode, threads)


def serve(case: Case, peer: Peer, threads: int, cache: Path) -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever the frameworks print goes to standard error
    run = runner(case, peer, threads, cache)
    run()
    print("ready", file=answers)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, file=answers)


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    serve(Case(**order["case"]), Peer(**order["peer"]), order["threads"], Path(order["cache"]))
