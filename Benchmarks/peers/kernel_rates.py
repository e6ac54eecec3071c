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

    def rates(self, wanted: Shape, threads: str) -> list[float]:
        """GMAC/s in each round; the weakest where several epilogues were measured."""
        return [
            min(
                shape[threads]
                for shape in tier["shapes"]
                if shape["kind"] == "gemm" and self.key(shape) == wanted
            )
            for tier in self.rounds
        ]

    @staticmethod
    def key(shape: dict[str, Any]) -> Shape:
        return shape["rows"], shape["columns"], shape["depth"]


def merged(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Reports on different shapes as one; a tier's peak is the median of theirs."""
    tiers: dict[str, list[dict[str, Any]]] = {}
    for tier in (tier for report in reports for tier in report["tiers"]):
        tiers.setdefault(tier["tier"], []).append(tier)
    return {
        "threads": reports[0]["threads"],
        "tiers": [
            {
                "tier": name,
                **{
                    kind: {threads: median(tier[kind][threads] for tier in found) for threads in ("one", "all")}
                    for kind in ("peakGMACs", "floatPeakGMACs")
                },
                "shapes": [shape for tier in found for shape in tier["shapes"]],
            }
            for name, found in tiers.items()
        ],
    }


def fastest_tier(reports: list[dict[str, Any]]) -> str:
    return max(reports[0]["tiers"], key=lambda tier: tier["peakGMACs"]["one"])["tier"]
