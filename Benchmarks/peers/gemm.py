"""Matrix products at the transformer's shapes: oneDNN's int8 and MKL's float32 through torch, and OpenBLAS."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

import torch

BATCH_SECONDS = 0.004
MEASURED_SECONDS = 0.3
LEAST_BATCHES = 3


def int8_operands(m: int, n: int, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(m, k) and (k, n), the faster of the two layouts that the weights may have."""
    return tuple(torch.randint(-127, 128, shape, dtype=torch.int8) for shape in ((m, k), (k, n)))


def onednn_int8(m: int, n: int, k: int) -> Callable[[], object]:
    left, weights = int8_operands(m, n, k)
    return lambda: torch._int_mm(left, weights)


def onednn_int8_reused(m: int, n: int, k: int) -> Callable[[], object]:
    """Always into the same output: a fresh one costs up to 40 % in page faults."""
    left, weights = int8_operands(m, n, k)
    output = torch.empty(m, n, dtype=torch.int32)
    return lambda: torch._int_mm(left, weights, out=output)


def torch_fp32(m: int, n: int, k: int) -> Callable[[], object]:
    left, weights, output = torch.randn(m, k), torch.randn(n, k).t(), torch.empty(m, n)
    return lambda: torch.mm(left, weights, out=output)


class OpenBLAS:
    """cblas_sgemm of the system's library, called in place."""

    ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE = 101, 111, 112

    def __init__(self) -> None:
        self.library = ctypes.CDLL("libopenblas.so.0")
        self.library.openblas_get_corename.restype = ctypes.c_char_p

    def core_name(self) -> str:
        return self.library.openblas_get_corename().decode()

    def set_threads(self, threads: int) -> None:
        self.library.openblas_set_num_threads(threads)

    def sgemm(self, m: int, n: int, k: int) -> Callable[[], object]:
        left, weights, output = torch.randn(m, k), torch.randn(n, k), torch.empty(m, n)
        one, zero = ctypes.c_float(1), ctypes.c_float(0)

        def pointer(tensor: torch.Tensor) -> ctypes.c_void_p:
            return ctypes.c_void_p(tensor.data_ptr())

        def run() -> None:
            self.library.cblas_sgemm(
                self.ROW_MAJOR, self.NO_TRANSPOSE, self.TRANSPOSE, m, n, k,
                one, pointer(left), k, pointer(weights), k, zero, pointer(output), n,
            )  # fmt: skip

        return run


def seconds_per_call(run: Callable[[], object]) -> float:
    """The best of many short batches, as `sana-quant bench kernels` measures its own."""
    run()
    best, spent, batches = float("inf"), 0.0, 0
    while spent < MEASURED_SECONDS or batches < LEAST_BATCHES:
        calls, elapsed, start = 0, 0.0, time.perf_counter()
        while elapsed < BATCH_SECONDS:
            run()
            calls += 1
            elapsed = time.perf_counter() - start
        best = min(best, elapsed / calls)
        spent += elapsed
        batches += 1
    return best
