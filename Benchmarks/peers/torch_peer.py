"""PyTorch: float32 as it comes, bfloat16 and torchao's dynamic INT8 compiled by inductor."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def prepared(model: nn.Module, inputs: tuple[Tensor, ...], kind: str, threads: int) -> Callable[[], Tensor]:
    """A callable that runs `model` once. `kind` is eager, channels-last, compiled or torchao."""
    torch.set_num_threads(threads)
    if kind in ("channels-last", "compiled-channels-last"):
        model = model.to(memory_format=torch.channels_last)
    if kind == "torchao":
        from torchao.quantization import Int8DynamicActivationInt8WeightConfig, quantize_

        quantize_(model, Int8DynamicActivationInt8WeightConfig())
    if kind in ("compiled", "compiled-channels-last", "torchao"):
        import torch._inductor.config as inductor

        inductor.freezing = True
        model = torch.compile(model)

    def run() -> Tensor:
        with torch.no_grad():
            return model(*inputs)

    return run
