"""What is promised of the matrix products and convolutions, on the shape where each is weakest."""

from __future__ import annotations

from statistics import median
from typing import Any

from peers.claim import Claim
from peers.kernel_rates import TierRates, fastest_tier

# Share of the measured peak that each tier's products must reach.
GEMM_SHARES = {"avx512vnni": 0.88, "avxvnni": 0.85}
CONVOLUTION_SHARE = 0.75
FLOAT_SHARE = 0.8
ONEDNN = {"onednn-int8": "", "onednn-int8-reused": ", output reused"}


def weakest(text: str, values: dict[str, float], limit: float) -> Claim:
    name = min(values, key=values.__getitem__)
    return Claim(f"{text}, weakest at {name}", values[name], limit, False)


def against(gemm: dict[str, Any], tier: TierRates, peer: str) -> dict[str, float]:
    """The median of the rounds' ratios of our rate to the peer's, for each shape and number of threads."""
    found = {}
    for shape in gemm["shapes"]:
        threads = "one" if shape["threads"] == 1 else "all"
        ours = tier.rates((shape["m"], shape["n"], shape["k"]), threads)
        ratios = [rate / theirs for rate, theirs in zip(ours, shape["rates"][peer])]
        found["{m} x {n} x {k} on {threads}".format(**shape)] = median(ratios)
    return found


def of_gemm(gemm: dict[str, Any]) -> list[Claim]:
    """Products and convolutions against the peak and the peers, and OpenBLAS against the float32 peak."""
    reports, found = gemm["tool"], []
    names = [tier["tier"] for tier in reports[0]["tiers"]]
    tiers = {name: TierRates(reports, name) for name in names}
    peers = set(gemm["shapes"][0]["medians"])
    for name in filter(tiers.__contains__, GEMM_SHARES):
        for threads in ("one", "all"):
            what = f"{name}, {threads} thread{'s' if threads == 'all' else ''}"
            found.append(weakest(f"GEMM {what}: of peak", tiers[name].shares("gemm", threads), GEMM_SHARES[name]))
            shares = tiers[name].shares("convolution", threads)
            found.append(weakest(f"convolution {what}: of peak", shares, CONVOLUTION_SHARE))
    fastest = fastest_tier(reports)
    for peer in sorted(peers & set(ONEDNN)):
        rates = against(gemm, tiers[fastest], peer)
        found.append(weakest(f"GEMM {fastest}: over oneDNN int8{ONEDNN[peer]}", rates, 1))
    if "avx2" in tiers and "openblas-sgemm-avx2" in peers:
        rates = against(gemm, tiers["avx2"], "openblas-sgemm-avx2")
        found.append(weakest("GEMM avx2: over OpenBLAS's AVX2 sgemm", rates, 1.3))
    if "openblas-sgemm" in peers:
        shares = {
            "{m} x {n} x {k} on {threads}".format(**shape): shape["medians"]["openblas-sgemm"]
            / tiers[fastest].peak("floatPeakGMACs", "one" if shape["threads"] == 1 else "all")
            for shape in gemm["shapes"]
        }
        found.append(weakest("OpenBLAS sgemm: of the float32 peak", shares, FLOAT_SHARE))
    return found
