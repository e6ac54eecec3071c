"""OpenVINO: conversion of a network, its quantization by NNCF, and a run on the CPU plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

Inputs = tuple[Tensor, ...]


def convert(model: nn.Module, inputs: Inputs, path: Path) -> None:
    """Traces `model` into IR for any size, stored in float16."""
    import openvino as ov

    with torch.inference_mode():
        converted = ov.convert_model(model, example_input=inputs)
    ov.save_model(converted, path, compress_to_fp16=True)


def quantize(source: Path, samples: list[Inputs], transformer: bool, path: Path) -> None:
    """Static post-training quantization by NNCF: symmetric, weights per channel, activations per tensor."""
    import nncf
    import openvino as ov

    quantized = nncf.quantize(
        ov.Core().read_model(source),
        nncf.Dataset([tuple(tensor.numpy() for tensor in sample) for sample in samples]),
        model_type=nncf.ModelType.TRANSFORMER if transformer else None,
        preset=nncf.QuantizationPreset.PERFORMANCE,
        subset_size=len(samples),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            disable_bias_correction=True, smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(-1, -1)
        ),
    )
    ov.save_model(quantized, path, compress_to_fp16=True)


def prepared(path: Path, inputs: Inputs, threads: int, precision: str) -> Callable[[], object]:
    """A callable that runs the IR once at the inputs' shapes; `precision` is what the CPU plugin may compute in."""
    import openvino as ov

    core = ov.Core()
    model = core.read_model(path)
    model.reshape({port: list(tensor.shape) for port, tensor in zip(model.inputs, inputs)})
    compiled = core.compile_model(
        model,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        },
    )
    request = compiled.create_infer_request()
    arrays = [tensor.numpy() for tensor in inputs]
    return lambda: request.infer(arrays, share_inputs=True, share_outputs=True)
