"""Matrix products in a process of their own: for each line `THREADS M N K` tells the seconds of one product."""

from __future__ import annotations

import json
import os
import sys

import torch

from peers.gemm import OpenBLAS, onednn_int8, onednn_int8_reused, seconds_per_call, torch_fp32

TORCH_PRODUCTS = {"onednn-int8": onednn_int8, "onednn-int8-reused": onednn_int8_reused, "torch-fp32": torch_fp32}


def serve(peer: str) -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    openblas = OpenBLAS() if peer.startswith("openblas") else None
    build = openblas.sgemm if openblas else TORCH_PRODUCTS[peer]
    print(openblas.core_name() if openblas else "ready", file=answers)
    for line in sys.stdin:
        threads, m, n, k = map(int, line.split())
        torch.set_num_threads(threads)
        if openblas:
            openblas.set_threads(threads)
        print(seconds_per_call(build(m, n, k)), file=answers)


if __name__ == "__main__":
    serve(json.loads(sys.argv[1])["peer"])
