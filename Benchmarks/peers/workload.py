"""What is measured: one case is one network at one size, one peer is one way to run it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from peers.machine import openblas_kernels

PARTS = ("transformer", "decoder", "text", "own", "gemm")


@dataclass(frozen=True)
class Case:
    part: str  # transformer, decoder or text; load is ours alone
    model: str  # 0.6b or 1.6b for the transformer, else the network's own name
    size: int  # pixels on a side, or tokens for text

    @property
    def name(self) -> str:
        return f"{self.part}-{self.model}-{self.size}"

    def ir_path(self, mode: str, cache: Path) -> Path:
        """OpenVINO's model, which serves every size. `mode` is float or int8."""
        return cache / f"{self.part}-{self.model}{'-int8' if mode == 'int8' else ''}.xml"


@dataclass(frozen=True)
class Peer:
    name: str
    framework: str  # torch or openvino
    dtype: str  # a torch type for torch, an inference precision for OpenVINO
    mode: str  # see torch_peer and openvino_peer


# Those that take long to load come first, because the last ones have to go where memory is short.
PEERS: dict[str, tuple[Peer, ...]] = {
    "transformer": (
        Peer("pytorch-bf16", "torch", "bfloat16", "compiled-channels-last"),
        Peer("torchao-int8", "torch", "bfloat16", "torchao"),
        Peer("openvino-bf16", "openvino", "bf16", "float"),
        Peer("openvino-int8", "openvino", "bf16", "int8"),
        Peer("pytorch-bf16-eager", "torch", "bfloat16", "eager-channels-last"),
        Peer("pytorch-fp32", "torch", "float32", "eager-channels-last"),
    ),
    "decoder": (
        Peer("pytorch-bf16", "torch", "bfloat16", "frozen-channels-last"),
        Peer("openvino-bf16", "openvino", "bf16", "float"),
        Peer("openvino-int8", "openvino", "bf16", "int8"),
        Peer("pytorch-bf16-eager", "torch", "bfloat16", "eager-channels-last"),
        Peer("pytorch-fp32", "torch", "float32", "eager-channels-last"),
    ),
    "text": (
        Peer("pytorch-bf16-eager", "torch", "bfloat16", "eager"),
        Peer("pytorch-bf16", "torch", "bfloat16", "frozen"),
    ),
}

# (N, K): query, key and value in one; attention output; the two pointwise convolutions of the Mix-FFN.
OUTPUTS_AND_DEPTHS: dict[str, tuple[tuple[int, int], ...]] = {
    "0.6b": ((3456, 1152), (1152, 1152), (5760, 1152), (1152, 2880)),
    "1.6b": ((6720, 2240), (2240, 2240), (11200, 2240), (2240, 5600)),
}
MODELS = tuple(OUTPUTS_AND_DEPTHS)
# Two guidance halves at 512 px make 512 rows, at 1024 px 2048.
ROWS = (1024, 2048)
# Each peer's own environment.
GEMM_PEERS: dict[str, dict[str, str]] = {
    "onednn-int8": {},
    "onednn-int8-reused": {},
    "torch-fp32": {},
    "openblas-sgemm": openblas_kernels(),
    "openblas-sgemm-avx2": {"OPENBLAS_CORETYPE": "Haswell"},
}

PEER_NAMES = tuple(dict.fromkeys([peer.name for peers in PEERS.values() for peer in peers] + list(GEMM_PEERS)))


def cases(parts: list[str], sizes: list[int], models: list[str], tokens: list[int]) -> list[Case]:
    """Every selected case, in the order of measurement."""
    of_part = {
        "transformer": [Case("transformer", model, size) for model in models for size in sizes],
        "decoder": [Case("decoder", "f32c32", size) for size in sizes],
        "text": [Case("text", "gemma-2-2b", count) for count in tokens],
    }
    return [case for part, found in of_part.items() if part in parts for case in found]
