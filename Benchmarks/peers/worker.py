"""One peer in a process of its own: says `ready`, then runs once and tells the seconds for each line it reads."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from peers import openvino_peer, torch_peer
from peers.models import inputs, network
from peers.workload import Case, Peer


def runner(case: Case, peer: Peer, threads: int, cache: Path) -> Callable[[], object]:
    if peer.framework == "openvino":
        return openvino_peer.prepared(case.ir_path(peer.mode, cache), inputs(case, torch.float32), threads, peer.dtype)
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
