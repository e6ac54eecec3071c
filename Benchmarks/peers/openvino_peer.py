"""OpenVINO: each network converted once, kept as IR in the cache folder, and run on the CPU plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

Inputs = tuple[Tensor, ...]


def cached_ir(path: Path, build: Callable[[], nn.Module], inputs: Inputs) -> Path:
    """Traces `build()` with `inputs` into IR for any size, stored at `path` in float16, unless it is there."""
    import openvino as ov

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with torch.inference_mode():
            converted = ov.convert_model(build(), example_input=inputs)
        ov.save_model(converted, path, compress_to_fp16=True)
    return path


def cached_int8_ir(path: Path, source: Path, samples: list[Inputs], transformer: bool) -> Path:
    """Static post-training quantization by NNCF of the IR at `source`, unless it is there."""
    import nncf
    import openvino as ov

    if not path.exists():
        parameters = nncf.AdvancedQuantizationParameters(
            disable_bias_correction=True, smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(-1, -1)
        )
        quantized = nncf.quantize(
            ov.Core().read_model(source),
            nncf.Dataset([tuple(tensor.numpy() for tensor in sample) for sample in samples]),
            model_type=nncf.ModelType.TRANSFORMER if transformer else None,
            preset=nncf.QuantizationPreset.PERFORMANCE,
            subset_size=len(samples),
            advanced_parameters=parameters,
        )
        ov.save_model(quantized, path, compress_to_fp16=True)
    return path


def prepared(path: Path, inputs: Inputs, threads: int, precision: str) -> Callable[[], object]:
    """A callable that runs the IR once at the inputs' shapes; `precision` is the CPU plugin's inference precision hint."""
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
