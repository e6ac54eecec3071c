"""What `sana-quant bench kernels` reports, over the rounds."""

from __future__ import annotations

from statistics import median
from typing import Any

from peers.workload import OUTPUTS_AND_DEPTHS, ROWS

Shape = tuple[int, int, int]  # rows, columns, depth
PROMISED_SHAPES = {(m, n, k) for shapes in OUTPUTS_AND_DEPTHS.values() for n, k in shapes for m in ROWS}


class TierRates:
    """Medians over the rounds of one tier of `bench kernels`. `threads` is `one` or `all`."""

    def __init__(self, reports: list[dict[str, Any]], tier: str) -> None:
        self.rounds = [found for report in reports for found in report["tiers"] if found["tier"] == tier]

    def peak(self, kind: str, threads: str) -> float:
        return median(found[kind][threads] for found in self.rounds)

    def shares(self, kind: str, threads: str) -> dict[str, float]:
        """Share of the peak for each shape of `kind`, by its description."""
        key = {"one": "shareOne", "all": "shareAll"}[threads]
        found: dict[str, list[float]] = {}
        for shape in (shape for tier in self.rounds for shape in tier["shapes"] if shape["kind"] == kind):
            name = "{rows} x {columns} x {depth}".format(**shape)
            if kind == "convolution" or self.key(shape) in PROMISED_SHAPES:
                found.setdefault(name, []).append(shape[key])
        return {name: median(values) for name, values in found.items()}

    def rate(self, wanted: Shape, threads: str) -> float:
        """GMAC/s; the weakest where several epilogues were measured."""
        rates: dict[str, list[float]] = {}
        for shape in (shape for tier in self.rounds for shape in tier["shapes"] if shape["kind"] == "gemm"):
            if self.key(shape) == wanted:
                rates.setdefault(shape["epilogue"], []).append(shape[threads])
        return min(median(values) for values in rates.values())

    @staticmethod
    def key(shape: dict[str, Any]) -> Shape:
        return shape["rows"], shape["columns"], shape["depth"]


def fastest_tier(reports: list[dict[str, Any]]) -> str:
    return max(reports[0]["tiers"], key=lambda tier: tier["peakGMACs"]["one"])["tier"]
