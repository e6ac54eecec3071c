"""PyTorch: float32 as it comes, bfloat16 and torchao's dynamic INT8 compiled by inductor."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class PointwiseLinear(nn.Module):
    """A 1x1 convolution as the linear layer that it is, which torchao can quantize."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.linear = nn.Linear(convolution.in_channels, convolution.out_channels, bias=False)
        self.linear.weight = nn.Parameter(convolution.weight.flatten(1), requires_grad=False)
        self.linear.bias = convolution.bias

    def forward(self, pixels: Tensor) -> Tensor:
        return self.linear(pixels.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def with_linear_convolutions(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d) and child.kernel_size == (1, 1) and child.groups == 1:
            setattr(module, name, PointwiseLinear(child))
        else:
            with_linear_convolutions(child)
    return module


def prepared(model: nn.Module, inputs: tuple[Tensor, ...], mode: str, threads: int) -> Callable[[], Tensor]:
    """A callable that runs `model` once.

    `mode` is eager, compiled, frozen (compiled, with the weights packed by inductor) or torchao (frozen too); behind
    the first three, `-channels-last` sets the layout of the convolutions.
    """
    torch.set_num_threads(threads)
    if mode.endswith("channels-last"):
        model = model.to(memory_format=torch.channels_last)
    if mode == "torchao":
        from torchao.quantization import Int8DynamicActivationInt8WeightConfig, quantize_

        quantize_(with_linear_convolutions(model), Int8DynamicActivationInt8WeightConfig())
    if not mode.startswith("eager"):
        import torch._inductor.config as inductor

        inductor.freezing = not mode.startswith("compiled")
        inductor.freezing_discard_parameters = mode.startswith("frozen")  # torchao's tensors cannot be discarded
        model = torch.compile(model)

    def run() -> Tensor:
        with torch.no_grad():
            return model(*inputs)

    return run
