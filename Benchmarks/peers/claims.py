"""What the project promises about its speed, held against one run's results."""

from __future__ import annotations

from statistics import median
from typing import Any

from peers import kernel_claims, tool
from peers.claim import Claim

STEPS = 20
SIXTEEN_BIT_PEERS = ("pytorch-bf16", "pytorch-bf16-eager", "openvino-bf16")


def paired(numerator: list[float], denominator: list[float]) -> float:
    """Median of the ratios of two lists of times, round by round."""
    return median(above / below for above, below in zip(numerator, denominator))


def of_transformer(case: dict[str, Any]) -> list[Claim]:
    """A pass against INT8, the fastest 16-bit peer and the arithmetic's own bound."""
    what = f"transformer pass {case['model']} at {case['size']} px"
    bound = paired(case["seconds"][tool.NAME], case["bounds"])
    found = [Claim(f"{what}: times the bound", bound, 1.35, True)]
    if "openvino-int8" in case["ratios"]:
        found.append(Claim(f"{what}: of OpenVINO INT8's time", case["ratios"]["openvino-int8"], 0.75, True))
    sixteen = [name for name in SIXTEEN_BIT_PEERS if name in case["medians"]]
    if sixteen:
        fastest = min(sixteen, key=case["medians"].__getitem__)
        found.append(Claim(f"{what}: of the fastest 16-bit peer's time", case["ratios"][fastest], 0.45, True))
    return found


def of_decoder(case: dict[str, Any]) -> list[Claim]:
    """Decoding against the peer that is fastest at that size."""
    peer, title, limit = {
        512: ("openvino-int8", "OpenVINO INT8", 0.7),
        1024: ("openvino-bf16", "OpenVINO bf16", 0.6),
    }.get(case["size"], (None, None, None))
    if peer not in case["ratios"]:
        return []
    return [Claim(f"decoder at {case['size']} px: of {title}'s time", case["ratios"][peer], limit, True)]


def of_text(case: dict[str, Any]) -> list[Claim]:
    """A prompt of 300 tokens against PyTorch bf16."""
    peers = {name: ratio for name, ratio in case["ratios"].items() if name in SIXTEEN_BIT_PEERS}
    if case["size"] != 300 or not peers:
        return []
    return [Claim("text encoder, 300 tokens: of PyTorch bf16's time", max(peers.values()), 1.7, True)]


def of_own(case: dict[str, Any]) -> list[Claim]:
    """The policies and the numbers of threads against each other, and how soon a pack is ready."""
    what, times = f"{case['model']} at {case['size']} px", case["seconds"]
    found = []

    def picture(policy: str) -> list[float]:
        return [STEPS * one + decode for one, decode in zip(times[f"{policy} transformer"], times[f"{policy} decoder"])]

    found.append(
        Claim(f"picture {what}, {STEPS} steps: fp16 over edge", paired(picture("fp16"), picture("edge")), 3.5, False)
    )
    for part in ("transformer", "decoder"):
        speedup = paired(times[f"edge one-thread {part}"], times[f"edge {part}"])
        found.append(Claim(f"{part} {what}: one thread over all", speedup, 1.8, False))
    if case["model"] == "0.6b":
        found.append(Claim("pack of 0.6b ready to run, seconds", median(times["edge load"]), 2.5, True))
    return found


BY_PART = {"transformer": of_transformer, "decoder": of_decoder, "text": of_text}


def of_results(results: dict[str, Any]) -> list[Claim]:
    gemm = results["gemm"]
    found = kernel_claims.of_gemm(gemm) if gemm and gemm["tool"] else []
    for case in results["cases"]:
        if tool.NAME in case["medians"]:
            found += BY_PART[case["part"]](case)
    for case in results["own"]:
        found += of_own(case)
    return found
