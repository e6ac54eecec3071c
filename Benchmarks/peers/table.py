"""Results as markdown."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from peers import tool
from peers.kernel_rates import TierRates

BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"
UNITS = {"transformer": "px", "decoder": "px", "text": "tokens"}
TITLES = {
    "pytorch-fp32": "PyTorch fp32",
    "pytorch-bf16-eager": "PyTorch bf16",
    "pytorch-bf16": "PyTorch bf16, compiled",
    "torchao-int8": "torchao INT8, compiled",
    "openvino-bf16": "OpenVINO bf16",
    "openvino-int8": "OpenVINO INT8",
    "onednn-int8": "oneDNN int8",
    "onednn-int8-reused": "oneDNN int8, output reused",
    "torch-fp32": "PyTorch fp32",
    "openblas-sgemm": "OpenBLAS sgemm",
    "openblas-sgemm-avx2": "OpenBLAS sgemm, AVX2",
    tool.NAME: "sana-quant edge",
}


def rows(header: list[str], body: list[list[str]]) -> str:
    ruled = [header, ["---"] * len(header), *body]
    return "".join("| " + " | ".join(row) + " |\n" for row in ruled)


def named(found: list[str]) -> list[str]:
    """Those of TITLES that were found, in its order."""
    return [name for name in TITLES if name in found]


def setting(results: dict[str, Any]) -> str:
    machine = results["machine"]
    identity = f"family {machine['family']}, model {machine['modelNumber']}" if machine["family"] else ""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return (
        f"{machine['model']} ({', '.join(filter(None, [identity, *machine['flags']]))}), {machine['cores']} cores, "
        f"{results['threads']} threads, median of {results['repeats']} rounds, {results['started'][:10]}, "
        f"commit {results['commit']}.\n{versions}.\n\n```\n{results['command']}\n```\n"
    )


def networks(cases: list[dict[str, Any]]) -> str:
    """Seconds of each peer, and in brackets our time as a share of the peer's."""
    peers = named([name for case in cases for name in case["medians"]])

    def cell(case: dict[str, Any], name: str) -> str:
        if name not in case["medians"]:
            return ""
        ratio = case["ratios"].get(name)
        return f"{case['medians'][name]:.3f}" + (f" ({ratio:.2f})" if ratio else "")

    body = [
        [f"{case['part']} {case['model']}, {case['size']} {UNITS[case['part']]}"]
        + [cell(case, name) for name in peers]
        + [f"{median(case['bounds']):.3f}" if "bounds" in case else ""]
        for case in cases
    ]
    return "Seconds; in brackets sana-quant's time divided by the peer's.\n\n" + rows(
        ["", *(TITLES[name] for name in peers), "arithmetic at the int8 peak"], body
    )


def own(found: list[dict[str, Any]]) -> str:
    names = list(found[0]["medians"])
    body = [[case["model"], str(case["size"]), *(f"{case['medians'][name]:.3f}" for name in names)] for case in found]
    return "sana-quant against itself, seconds.\n\n" + rows(["model", "px", *names], body)


def gemm(found: dict[str, Any]) -> str:
    """GMAC/s of the peers, then of each of our tiers."""
    peers = named(list(found["shapes"][0]["medians"]))
    names = [tier["tier"] for tier in found["tool"][0]["tiers"]] if found["tool"] else []
    tiers = [TierRates(found["tool"], name) for name in names]

    def rates(shape: dict[str, Any]) -> list[float]:
        threads, size = "one" if shape["threads"] == 1 else "all", (shape["m"], shape["n"], shape["k"])
        return [shape["medians"][name] for name in peers] + [median(tier.rates(size, threads)) for tier in tiers]

    body = [
        ["{m} x {n} x {k}".format(**shape), str(shape["threads"]), *(f"{rate:.0f}" for rate in rates(shape))]
        for shape in found["shapes"]
    ]
    titles = [TITLES[name] for name in peers] + [f"sana-quant {name}" for name in names]
    return "GMAC/s of matrix products.\n\n" + rows(["rows x columns x depth", "threads", *titles], body)


def claims(found: list[dict[str, Any]]) -> str:
    body = [
        [
            claim["text"],
            f"{'at most' if claim['at_most'] else 'at least'} {claim['limit']:g}",
            f"{claim['value']:.3f}",
            "holds" if claim["holds"] else "**missed**",
        ]
        for claim in found
    ]
    return "What must hold.\n\n" + rows(["", "limit", "measured", ""], body)


def times(results: dict[str, Any]) -> str:
    """The networks alone."""
    return "\n".join([setting(results), networks(results["cases"])]) if results["cases"] else ""


def rendered(results: dict[str, Any]) -> str:
    parts = [setting(results)]
    for key, render in (("cases", networks), ("own", own), ("gemm", gemm), ("claims", claims)):
        if results[key]:
            parts.append(render(results[key]))
    return "\n".join(parts)


def replace(readme: Path, tables: str) -> None:
    """Puts `tables` between the two marks of the README."""
    before, rest = readme.read_text().split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}")
